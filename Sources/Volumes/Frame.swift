import Glibc

/// What a scan is computed in: Float, or Double for scans that Float cannot hold.
package protocol ComputeScalar: BinaryFloatingPoint, Sendable {}
extension Float: ComputeScalar {}
extension Double: ComputeScalar {}

/// One 3-D volume of voxels in memory, i fastest, then j, then k.
///
/// The memory is mapped, not taken from the heap: when there is none, the caller gets an error instead of a dead process.
package final class Frame<Scalar: ComputeScalar>: @unchecked Sendable {
  // @unchecked Sendable because workers write disjoint lines and are joined before anyone else reads.

  package let shape: Shape
  package let voxels: UnsafeMutableBufferPointer<Scalar>
  private let mapped: Int

  /// A frame of zeros.
  package init(shape: Shape) throws(OutOfMemory) {
    let bytes = shape.count * MemoryLayout<Scalar>.stride
    let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else { throw OutOfMemory(bytes: bytes) }
    // Huge pages spare ten thousand page faults per scan; where the kernel refuses, nothing is lost.
    _ = madvise(address, bytes, MADV_HUGEPAGE)
    self.shape = shape
    self.mapped = bytes
    self.voxels = UnsafeMutableBufferPointer(
      start: address.bindMemory(to: Scalar.self, capacity: shape.count), count: shape.count)
  }

  deinit { munmap(voxels.baseAddress, mapped) }

  /// The first voxel. Shapes are never empty, so there always is one.
  package var base: UnsafeMutablePointer<Scalar> {
    // swift-format-ignore: NeverForceUnwrap
    voxels.baseAddress!
  }

  package var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(voxels) }
}

/// The machine has not that much memory to give.
package struct OutOfMemory: Error, Equatable {
  package let bytes: Int
  package init(bytes: Int) { self.bytes = bytes }
}
