import Volumes

/// How a rolling stage cuts frames, and the working memory that a lane needs for it.
struct RollingSize {
  /// Lines of a strip, and slices of a piece.
  let height: Int
  let slices: Int
  /// Pieces above each other.
  let cuts: Int
  /// Slices that the window holds, and bytes from one to the next.
  let places: Int
  let bytesPerSlice: Int
  let scratchBytes: Int

  /// How much of the second-level cache the window may fill.
  static let cacheBytes = 1536 * 1024
  /// Two stages take this many times as long as one that does nothing twice.
  static let mostTwice = 1.3

  /// - Returns: nil where two stages are better: small frames, windows that the cache does not hold, pieces that would
  ///   compute too much twice or leave lanes idle.
  init?<S>(_ group: RollingGroup, shape: Shape, scalar: S.Type, tiling: Tiling) {
    let lineBytes = shape.i.multipliedSaturating(by: MemoryLayout<S>.stride)
    let frameBytes = lineBytes.multipliedSaturating(by: shape.j).multipliedSaturating(by: shape.k)
    guard tiling.mayRoll(frameBytes: frameBytes, taps: group.k.count) else { return nil }
    places = Strip.block + group.k.count - 1
    let fitting = RollingSize.cacheBytes / places.multipliedSaturating(by: lineBytes)
    guard let cut = RollingCut(shape: shape, group, fitting: fitting, lanes: tiling.lanes),
      tiling.rolling == .always || cut.cost <= RollingSize.mostTwice * Double(shape.j * shape.k) / Double(tiling.lanes)
    else { return nil }
    (height, slices, cuts) = (cut.height, cut.slices, cut.cuts)
    bytesPerSlice = ScratchSize.lines(height * lineBytes) + SpacedSlices.gap
    var size = ScratchSize()
    size.add(places, of: UnsafeRawPointer.self)
    size.add(height * shape.i, of: S.self)
    size.add(places * bytesPerSlice, of: UInt8.self)
    size.add(places, of: Int.self)
    size.add(places, of: Int.self)
    let inSlices = PlaneSize(group.inSlices, shape: shape, scalar: S.self, tiling: tiling, height: height)
    scratchBytes = size.bytes + inSlices.scratchBytes
  }
}

/// One way to cut a frame for a rolling stage.
private struct RollingCut {
  let height: Int
  let slices: Int
  let cuts: Int
  /// Lines that the lane with the most to do filters; those that it shares with others in proportion to the passes that
  /// run twice.
  let cost: Double

  /// The way that keeps the lanes busy with the least done twice; nil when the cache does not hold a single block.
  ///
  /// - Parameter fitting: lines of a strip that the cache holds.
  init?(shape: Shape, _ group: RollingGroup, fitting: Int, lanes: Int) {
    let heights = stride(from: Strip.block, through: min(fitting, shape.j + Strip.block - 1), by: Strip.block)
    // Each cut filters some slices twice, so that pieces are not cut shorter than that.
    let most = max(1, shape.k / group.k.count)
    let ways = heights.flatMap { height in
      (1...most).map { RollingCut(shape: shape, group, height: min(height, shape.j), cuts: $0, lanes: lanes) }
    }
    guard let best = ways.min(by: { $0.cost < $1.cost }) else { return nil }
    self = best
  }

  private init(shape: Shape, _ group: RollingGroup, height: Int, cuts: Int, lanes: Int) {
    let perPiece = (shape.k + cuts - 1) / cuts
    self.height = height
    slices = (perPiece + Strip.block - 1) / Strip.block * Strip.block
    self.cuts = (shape.k + slices - 1) / slices
    let pieces = self.cuts * ((shape.j + height - 1) / height)
    let rounds = Double((pieces + lanes - 1) / lanes)
    let lines = Double(height) + Double(group.inSlices.overlap) / 3
    let deep = self.cuts == 1 ? Double(shape.k) : Double(slices) + Double(group.k.count - 1) * 2 / 3
    // In a single round nothing evens out a lane that comes late.
    cost = rounds * lines * deep * (rounds == 1 && lanes > 1 ? 1.1 : 1)
  }
}
