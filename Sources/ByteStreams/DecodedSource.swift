import Parallel
import Volumes

/// The bytes of a file after decompression, which is chosen by what the file holds, never by its name.
///
/// A stream is only believed once it has ended properly: `finish()` reads on to the end, so that every checksum has been
/// compared before anything computed from the bytes is published.
package final class DecodedSource: ByteSource {
  /// What the first bytes said.
  package let compression: Compression
  /// Decoded bytes so far.
  package private(set) var position = 0
  /// Decoded bytes after which a compressed file counts as hostile. The caller lowers it once it knows what the header
  /// asks for; a plain file ends by itself.
  package var byteLimit = DecodedSource.largestStream

  /// The beginning of the file as it is on the disk, as far as it was looked at.
  package let firstBytes: [UInt8]

  private let input: Lookahead
  private let decoder: any StreamDecoder
  private let acceptsTrailingBytes: Bool
  private var trailing: [Finding] = []
  private var failure: ScanFailure?

  /// Enough to tell what a file is that is no scan.
  private static let lookedAt = 256

  /// 2^50 bytes: larger claims (zstd announces up to 2^64) are refused at once.
  package static let largestStream = 1 << 50

  /// Looks at the first bytes of `source`.
  ///
  /// - Parameters:
  ///   - acceptsTrailingBytes: the leniency `trailing-bytes`: what follows the data is recorded, not refused.
  ///   - workers: lanes that decode at the same time what allows it: gzip with our marks.
  /// - Throws: `E_IN_EMPTY` when there is no byte at all; what reading the source throws.
  package init(
    _ source: any ByteSource, acceptsTrailingBytes: Bool = false, workers: Workers = Workers(count: 1)
  ) throws(ScanFailure) {
    input = try Lookahead(source)
    self.acceptsTrailingBytes = acceptsTrailingBytes
    firstBytes = Array(try input.peek(Self.lookedAt).prefix(Self.lookedAt))
    guard !firstBytes.isEmpty else {
      throw ScanFailure(.emptyFile, .open, "input", expected: "a scan", found: "a file of zero bytes")
    }
    compression = Compression.detect(firstBytes: firstBytes.prefix(4))
    switch compression {
    case .none: decoder = PlainDecoder(input)
    case .gzip: decoder = try GzipDecoder(input, workers: workers)
    case .zstd: decoder = try ZstdDecoder(input)
    }
  }

  /// The memory that decoding takes with so many lanes, besides small change, for whoever admits scans; known once the
  /// first byte was decoded.
  package func scratchBytes(workers: Workers) -> Int { decoder.scratchBytes(workers: workers) }

  /// What was odd and did not stop the stream; complete after `finish()`.
  package var findings: [Finding] { decoder.findings + trailing }

  /// - Throws: the same failure again after the first one: a damaged stream has no good bytes after the damage.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int {
    if let failure { throw failure }
    do throws(ScanFailure) {
      let count = try decoder.decode(into: buffer, allowance: byteLimit - position)
      position += count
      try checkLimit()
      return count
    } catch {
      failure = error
      throw error
    }
  }

  package func settle(leaving pieces: Int) { input.settle(leaving: pieces) }

  private func checkLimit() throws(ScanFailure) {
    guard compression != .none, position > byteLimit else { return }
    throw ScanFailure(
      .limit, .read, "decompressed size", expected: "at most \(byteLimit) bytes", found: "\(position) or more")
  }

  /// The caller has all it needs: reads on to the end of the file and judges what is there.
  ///
  /// - Throws: `E_TRAILING` when anything but zeros follows, unless accepted; what the rest of the streams throws.
  package func finish() throws(ScanFailure) {
    let decoded = try remainder(read(into:))
    try judge(decoded, after: "data")
    let undecoded = try remainder(input.read(into:))
    try judge(undecoded, after: "last \(compression.rawValue) stream")
  }

  private struct Remainder {
    var bytes = 0
    var isZero = true
  }

  private func remainder(
    _ read: (UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int
  ) throws(ScanFailure) -> Remainder {
    try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 64) { (buffer) throws(ScanFailure) in
      var remainder = Remainder()
      while true {
        let count = try read(buffer)
        if count == 0 { return remainder }
        remainder.bytes += count
        remainder.isZero = remainder.isZero && buffer[..<count].allSatisfy { $0 == 0 }
      }
    }
  }

  private func judge(_ remainder: Remainder, after what: String) throws(ScanFailure) {
    guard remainder.bytes > 0 else { return }
    if remainder.isZero {
      trailing.append(Finding("trailing-zeros", "\(remainder.bytes) zero bytes after the \(what)"))
    } else if acceptsTrailingBytes {
      trailing.append(Finding("trailing-bytes", "\(remainder.bytes) bytes after the \(what)"))
    } else {
      throw ScanFailure(
        .trailingBytes, .read, "bytes after the \(what)", expected: "none, or zeros", found: "\(remainder.bytes) bytes",
        advice: "policy.accept \"trailing-bytes\" lets it pass")
    }
  }
}
