import Glibc

/// A block of zeroed memory that is mapped, not taken from the heap: when there is none, the caller gets an error instead
/// of a dead process.
package final class MappedMemory: @unchecked Sendable {
  // @unchecked Sendable because whoever shares a block lets workers write disjoint parts and joins them before reading.

  package let bytes: UnsafeMutableRawBufferPointer

  /// - Parameter count: bytes, at least 1.
  package init(count: Int) throws(OutOfMemory) {
    guard let address = Self.take(count) else { throw OutOfMemory(bytes: count) }
    bytes = UnsafeMutableRawBufferPointer(start: address, count: count)
  }

  deinit { Self.giveBack(bytes) }
}

#if WATCHED_MEMORY
  // Sanitizers know the edges and the end of a block of the heap; of a mapping they know neither. See
  // Tests/Faults/sanitize.py.
  extension MappedMemory {
    private static func take(_ count: Int) -> UnsafeMutableRawPointer? {
      var address: UnsafeMutableRawPointer?
      guard posix_memalign(&address, 4096, count) == 0, let address else { return nil }
      return memset(address, 0, count)
    }

    private static func giveBack(_ bytes: UnsafeMutableRawBufferPointer) { free(bytes.baseAddress) }
  }
#else
  extension MappedMemory {
    private static func take(_ count: Int) -> UnsafeMutableRawPointer? {
      let address = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let address, address != MAP_FAILED else { return nil }
      // Huge pages spare ten thousand page faults per scan; where the kernel refuses, nothing is lost.
      _ = madvise(address, count, MADV_HUGEPAGE)
      return address
    }

    private static func giveBack(_ bytes: UnsafeMutableRawBufferPointer) { munmap(bytes.baseAddress, bytes.count) }
  }
#endif

/// The machine has not that much memory to give.
package struct OutOfMemory: Error, Equatable {
  package let bytes: Int
  package init(bytes: Int) { self.bytes = bytes }
}
