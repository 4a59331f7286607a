import Glibc

/// An open file or folder, closed when nobody holds it any more.
final class FileDescriptor {
  let number: Int32

  /// Takes over `number`.
  init(owning number: Int32) { self.number = number }

  deinit { close(number) }

  /// The file's metadata, or the `errno` of not getting them.
  func status() -> Result<stat, SystemError> {
    var status = stat()
    return fstat(number, &status) == 0 ? .success(status) : .failure(.last)
  }

  /// Reads what is there, at most `buffer.count` bytes; an interrupted call is made again.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Result<Int, SystemError> {
    while true {
      let count = Glibc.read(number, buffer.baseAddress, buffer.count)
      if count >= 0 { return .success(count) }
      if errno != EINTR { return .failure(.last) }
    }
  }
}

/// What a system call gave as its reason for failing.
struct SystemError: Error, Equatable, CustomStringConvertible {
  let code: Int32

  static var last: SystemError { SystemError(code: errno) }

  /// `No such file or directory (errno 2)`.
  var description: String { "\(String(cString: strerror(code))) (errno \(code))" }
}
