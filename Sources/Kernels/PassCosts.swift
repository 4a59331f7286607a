import Volumes

/// What it costs to run a kernel, in nanoseconds per voxel and thread, as measured on this engine. The numbers are fixed, so that the same kernel
/// comes apart the same way on every machine.
enum PassCosts {
  /// Reading a frame, filtering its slices, writing it.
  static let planeStage = 1.0
  /// Reading, filtering along k, writing.
  static let depthStage = 1.0
  /// One tap.
  static let tap = 0.02
  /// One weight of a dense kernel.
  static let weight = 0.06

  static func sum(_ passes: SharedPasses) -> Double {
    let stages = passes.groups.reduce(0) { $0 + planeStage * Double($1.planes.count) + ($1.k == nil ? 0 : depthStage) }
    return stages + tap * Double(passes.multiplies)
  }

  static func dense(_ shape: Shape) -> Double { planeStage + weight * Double(shape.count) }
}
