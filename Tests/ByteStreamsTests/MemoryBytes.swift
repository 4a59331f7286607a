import ByteStreams
import Parallel
import SeededNumbers
import Volumes

/// A source of bytes in memory that gives at most `piece` at a time.
final class BytesSource: ByteSource {
  private let bytes: [UInt8]
  private let piece: Int
  private var position = 0

  init(_ bytes: [UInt8], piece: Int = .max) {
    self.bytes = bytes
    self.piece = piece
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, piece, bytes.count - position)
    buffer.copyBytes(from: bytes[position..<position + count])
    position += count
    return count
  }
}

/// Keeps everything that is written; fails from byte `failsAfter` on.
final class BytesSink: ByteSink {
  private(set) var bytes: [UInt8] = []
  private(set) var isFinished = false
  private let failsAfter: Int

  init(failsAfter: Int = .max) { self.failsAfter = failsAfter }

  static let failure = ScanFailure(.noSpace, .write, "output", expected: "room", found: "none")

  func write(_ piece: UnsafeRawBufferPointer, leaving pieces: Int) throws(ScanFailure) {
    guard bytes.count + piece.count <= failsAfter else { throw BytesSink.failure }
    bytes += piece
  }

  func finish() { isFinished = true }
}

extension [UInt8] {
  /// What tests compare, because the report of two unequal megabytes helps nobody.
  var digest: Digest { SHA256.digest(of: self) }
}

enum Sample {
  /// Compressible but not trivial, like the low and high bytes of a noisy scan.
  static func scanLike(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var numbers = SeededNumbers(seed: seed)
    return (0..<count).map { $0 & 1 == 0 ? UInt8.random(in: 0...255, using: &numbers) : UInt8($0 >> 9 & 7) }
  }

  static func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var numbers = SeededNumbers(seed: seed)
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
  }
}

/// Reads `file` to the end and finishes it.
///
/// - Parameters:
///   - piece: bytes that the file gives at a time.
///   - request: bytes that are asked for at a time.
///   - workers: lanes; with more than one, gzip is decoded by its marks.
func decode(
  _ file: [UInt8], piece: Int = .max, request: Int = 1 << 16, acceptsTrailingBytes: Bool = false, limit: Int? = nil,
  workers: Int = 1
) throws(ScanFailure) -> (bytes: [UInt8], source: DecodedSource) {
  let source = try DecodedSource(
    BytesSource(file, piece: piece), acceptsTrailingBytes: acceptsTrailingBytes, workers: Workers(count: workers))
  if let limit { source.byteLimit = limit }
  var bytes: [UInt8] = []
  while true {
    let more = try source.readBytes(atMost: request)
    if more.isEmpty { break }
    bytes += more
  }
  try source.finish()
  return (bytes, source)
}

/// The class of the failure that decoding ends in, `nil` when it does not.
func failureClass(
  decoding file: [UInt8], acceptsTrailingBytes: Bool = false, limit: Int? = nil, workers: Int = 1
) -> FailureClass? {
  do throws(ScanFailure) {
    _ = try decode(file, acceptsTrailingBytes: acceptsTrailingBytes, limit: limit, workers: workers)
    return nil
  } catch {
    return error.failureClass
  }
}
