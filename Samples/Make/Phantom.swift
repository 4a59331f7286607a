/// A head made of ellipsoids, in mm around its middle: i to the right, j to the front, k up.
///
/// Each ellipsoid covers those before it, as in the phantom of Shepp and Logan (doi:10.1109/TNS.1974.6499235).
struct Phantom {
  private let ellipsoids: [(shape: Ellipsoid, intensity: Double)]

  /// Bright fat and white matter, dark fluid.
  static let t1Weighted = Phantom(
    scalp: 950, skull: 120, fluid: 240, grey: 560, white: 820, deepGrey: 620, eyes: 300, visual: 560)

  /// Bright fluid; an active cortex is 4 % brighter.
  static func t2StarWeighted(isActive: Bool) -> Phantom {
    Phantom(
      scalp: 260, skull: 60, fluid: 1180, grey: 900, white: 740, deepGrey: 820, eyes: 1000,
      visual: isActive ? 936 : 900)
  }

  /// 1 inside the brain, ventricles included.
  static let brain = Phantom([(Anatomy.cortex, 1)])

  private init(_ ellipsoids: [(Ellipsoid, Double)]) { self.ellipsoids = ellipsoids }

  private init(
    scalp: Double, skull: Double, fluid: Double, grey: Double, white: Double, deepGrey: Double, eyes: Double,
    visual: Double
  ) {
    self.init(
      [(Anatomy.head, scalp), (Anatomy.skull, skull), (Anatomy.fluid, fluid), (Anatomy.cortex, grey)]
        + Anatomy.white.map { ($0, white) } + [(Anatomy.visualCortex, visual)]
        + Anatomy.deepGrey.map { ($0, deepGrey) } + Anatomy.ventricles.map { ($0, fluid) }
        + Anatomy.eyes.map { ($0, eyes) })
  }

  /// The intensity at a point; 0 is air.
  func intensity(_ x: Double, _ y: Double, _ z: Double) -> Double {
    ellipsoids.last { $0.shape.contains(x, y, z) }?.intensity ?? 0
  }
}

struct Ellipsoid {
  let centre: (x: Double, y: Double, z: Double)
  let radii: (x: Double, y: Double, z: Double)

  init(at x: Double, _ y: Double, _ z: Double, radii: (Double, Double, Double)) {
    centre = (x, y, z)
    self.radii = radii
  }

  func contains(_ x: Double, _ y: Double, _ z: Double) -> Bool {
    let (u, v, w) = ((x - centre.x) / radii.x, (y - centre.y) / radii.y, (z - centre.z) / radii.z)
    return u * u + v * v + w * w <= 1
  }
}

/// Where things are in a head of common size.
private enum Anatomy {
  static let head = Ellipsoid(at: 0, 0, 0, radii: (73, 92, 66))
  static let skull = Ellipsoid(at: 0, 0, 0, radii: (67, 86, 60))
  static let fluid = Ellipsoid(at: 0, 0, 1, radii: (62, 80, 55))
  static let cortex = Ellipsoid(at: 0, 0, 2, radii: (59, 77, 52))
  static let white = bothSides { Ellipsoid(at: 27 * $0, 3, 4, radii: (23, 58, 36)) }
  static let visualCortex = Ellipsoid(at: 0, -66, 4, radii: (16, 9, 12))
  static let deepGrey = bothSides { Ellipsoid(at: 14 * $0, -4, 4, radii: (8, 14, 9)) }
  static let ventricles = bothSides { Ellipsoid(at: 7 * $0, 8, 14, radii: (4, 24, 8)) }
  static let eyes = bothSides { Ellipsoid(at: 31 * $0, 74, -22, radii: (11, 11, 11)) }

  private static func bothSides(_ make: (Double) -> Ellipsoid) -> [Ellipsoid] { [make(-1), make(1)] }
}
