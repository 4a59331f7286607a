import Volumes

/// What it costs to run a kernel, in nanoseconds per voxel and thread.
///
/// Fitted to what this engine took for 36 kernels in two shapes of frames (`Decisions/Kernels.md`). The numbers are
/// fixed, so that the same kernel comes apart the same way on every machine.
enum PassCosts {
  /// A pass along i, or the passes of one term along j: one more time through the lines in the cache.
  static let pass = 0.2
  /// A pass along k: reading a frame that lies in memory.
  static let depth = 0.45
  /// One tap.
  static let tap = 0.0205
  /// Reading a frame and writing it, for a dense kernel.
  static let frame = 0.46
  /// One line of a dense kernel.
  static let line = 0.033
  /// One weight of a dense kernel.
  static let weight = 0.0139

  static func sum(_ passes: SharedPasses) -> Double {
    passes.parts.reduce(tap * Double(passes.multiplies)) { cost, part in
      let inSlices = part.groups.reduce(part.alongI.count) { $0 + $1.planes.count }
      return cost + pass * Double(inSlices) + depth * Double(part.groups.count { $0.k != nil })
    }
  }

  static func dense(_ shape: Shape) -> Double {
    frame + line * Double(shape.j * shape.k) + weight * Double(shape.count)
  }
}
