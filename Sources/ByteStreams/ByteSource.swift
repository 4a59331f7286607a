import Volumes

/// Bytes that come one after another, from one thread at a time.
package protocol ByteSource: AnyObject {
  /// Fills the beginning of `buffer` and says how much; 0 at the end, and only there, unless `buffer` is empty.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int

  /// Returns when the source looks no more at bytes that it gave, but for the last so many pieces: a source may hash them
  /// beside the reader, who calls this before changing them. A piece is what one `read` gave.
  func settle(leaving pieces: Int)
}

extension ByteSource {
  package func settle(leaving pieces: Int) {}

  package func settle() { settle(leaving: 0) }

  /// Reads until `buffer` is full or the source ends; fewer bytes than asked for mean the end.
  package func readFully(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// At most `count` bytes, for headers; never for sizes that a file announced without a limit of the caller's.
  package func readBytes(atMost count: Int) throws(ScanFailure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(ScanFailure) in
      // The array is the caller's from here on.
      defer { settle() }
      return try readFully(into: UnsafeMutableRawBufferPointer(buffer))
    }
    bytes.removeLast(count - filled)
    return bytes
  }
}
