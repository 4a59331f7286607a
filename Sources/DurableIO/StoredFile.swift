import Glibc

/// A file being read from its beginning.
package final class StoredFile {
  private let descriptor: Descriptor
  private let disk: any Disk
  private let path: String
  private var position = 0

  /// Takes the descriptor over and closes it in the end.
  init(_ descriptor: Descriptor, disk: any Disk, path: String) {
    self.descriptor = descriptor
    self.disk = disk
    self.path = path
  }

  deinit { disk.closeQuietly(descriptor) }

  package func status() throws(DurableFailure) -> FileStatus {
    try attempt(.read, path) { () throws(SystemError) in try disk.status(descriptor) }
  }

  /// - Returns: bytes read, which may be fewer than fit; 0 at the end.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(DurableFailure) -> Int {
    let count = try read(into: buffer, at: position)
    position += count
    return count
  }

  /// Reads from a place of its own, wherever `read(into:)` has got to; several threads may do so side by side.
  ///
  /// - Returns: bytes read, which may be fewer than fit; 0 at the end.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(DurableFailure) -> Int {
    try attempt(.read, path) { () throws(SystemError) in try disk.read(descriptor, into: buffer, at: offset) }
  }

  /// Hands the file over in pieces; each lives only during its call.
  ///
  /// - Parameter body: returns false to stop early.
  package func forEachPiece(
    size: Int = 1 << 20, _ body: (UnsafeRawBufferPointer) -> Bool
  ) throws(DurableFailure) {
    // Swift's own way ends the process where there is no memory.
    guard let address = malloc(size) else { throw DurableFailure(.read, ENOMEM, path) }
    defer { free(address) }
    let buffer = UnsafeMutableRawBufferPointer(start: address, count: size)
    while true {
      let count = try read(into: buffer)
      guard count > 0, body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return }
    }
  }

  /// The rest of a small file, cut off after `limit` bytes.
  package func bytes(limit: Int) throws(DurableFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    try forEachPiece(size: max(1, min(limit, 1 << 16))) { piece in
      bytes.append(contentsOf: piece.prefix(limit - bytes.count))
      return bytes.count < limit
    }
    return bytes
  }

  /// Goes on reading from another place.
  package func seek(to offset: Int) { position = max(0, offset) }
}
