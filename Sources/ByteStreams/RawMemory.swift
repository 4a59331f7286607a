import Glibc
import Volumes

/// Memory for buffers that are too large to trap over: without it the scan fails, not the process.
final class RawMemory {
  let bytes: UnsafeMutableRawBufferPointer

  init(count: Int) throws(ScanFailure) {
    guard let address = malloc(count) else {
      throw ScanFailure(.memoryLimit, .write, "codec", expected: "\(count) bytes of memory", found: "none")
    }
    bytes = UnsafeMutableRawBufferPointer(start: address, count: count)
  }

  deinit { free(bytes.baseAddress) }
}
