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
  /// Whose memory it is.
  private let owner: AnyObject

  /// A frame of zeros.
  package init(shape: Shape) throws(OutOfMemory) {
    let memory = try MappedMemory(count: shape.count * MemoryLayout<Scalar>.stride)
    voxels = memory.bytes.bindMemory(to: Scalar.self)
    // A shape is never empty, so there is a first voxel.
    guard let base = voxels.baseAddress else { throw OutOfMemory(bytes: memory.bytes.count) }
    self.base = base
    self.shape = shape
    owner = memory
  }

  /// A frame in memory of somebody else, which nobody writes to, through the frame or otherwise, while the frame lives.
  ///
  /// - Parameters:
  ///   - start: As many voxels as the shape has begin here.
  ///   - owner: Kept alive with the frame, and the memory with it.
  package init(borrowing start: UnsafePointer<Scalar>, shape: Shape, owner: some AnyObject & Sendable) {
    base = UnsafeMutablePointer(mutating: start)
    voxels = UnsafeMutableBufferPointer(start: base, count: shape.count)
    self.shape = shape
    self.owner = owner
  }

  package var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(voxels) }
}
