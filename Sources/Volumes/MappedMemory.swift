import Glibc

/// A block of zeroed memory that is mapped, not taken from the heap: when there is none, the caller gets an error instead
/// of a dead process.
package final class MappedMemory: @unchecked Sendable {
  // @unchecked Sendable because whoever shares a block lets workers write disjoint parts and joins them before reading.

  package let bytes: UnsafeMutableRawBufferPointer

  /// - Parameter count: bytes, at least 1.
  package init(count: Int) throws(OutOfMemory) {
    let address = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else { throw OutOfMemory(bytes: count) }
    // Huge pages spare ten thousand page faults per scan; where the kernel refuses, nothing is lost.
    _ = madvise(address, count, MADV_HUGEPAGE)
    bytes = UnsafeMutableRawBufferPointer(start: address, count: count)
  }

  deinit { munmap(bytes.baseAddress, bytes.count) }
}

/// The machine has not that much memory to give.
package struct OutOfMemory: Error, Equatable {
  package let bytes: Int
  package init(bytes: Int) { self.bytes = bytes }
}
