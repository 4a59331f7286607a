/// What a scan is computed in: Float, or Double for scans that Float cannot hold.
package protocol ComputeScalar: BinaryFloatingPoint, Sendable {}
extension Float: ComputeScalar {}
extension Double: ComputeScalar {}

/// One 3-D volume of voxels in memory, i fastest, then j, then k.
package final class Frame<Scalar: ComputeScalar>: @unchecked Sendable {
  // @unchecked Sendable because workers write disjoint lines and are joined before anyone else reads.

  package let shape: Shape
  package let voxels: UnsafeMutableBufferPointer<Scalar>
  /// The first voxel.
  package let base: UnsafeMutablePointer<Scalar>
  private let memory: MappedMemory

  /// A frame of zeros.
  package init(shape: Shape) throws(OutOfMemory) {
    let memory = try MappedMemory(count: shape.count * MemoryLayout<Scalar>.stride)
    voxels = memory.bytes.bindMemory(to: Scalar.self)
    // A shape is never empty, so there is a first voxel.
    guard let base = voxels.baseAddress else { throw OutOfMemory(bytes: memory.bytes.count) }
    self.base = base
    self.shape = shape
    self.memory = memory
  }

  package var bytes: UnsafeMutableRawBufferPointer { memory.bytes }
}
