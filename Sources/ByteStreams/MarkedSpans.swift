import CCodec
import Parallel
import Volumes

/// Decodes a gzip member whose spans end with marks, many spans at a time.
///
/// A span counts when it decodes by itself to what the header announces and begins and ends between two blocks: then a
/// reader that goes from the first byte to the last gets the same bytes. When one does not, its whole batch is given back
/// to the input, and such a reader goes on from there; a wrong mark costs time, and never changes what is read.
final class MarkedSpans: @unchecked Sendable {
  // @unchecked Sendable because a lane uses only its own inflater and writes only its spans' places, and a batch returns when
  // all lanes are done.

  /// Of all bytes handed out or waiting to be, as gzip counts them.
  private(set) var checksum: UInt32 = 0
  private(set) var length: UInt32 = 0
  /// What was decoded before the next batch: at most the 32 KiB that deflate can refer to.
  private(set) var window: [UInt8] = []

  private let spans: GzipSpans
  private let input: CompressedSpans
  private let workers: Workers
  private let inflaters: [OpaquePointer]
  private let decoded: MappedMemory
  private let spansPerBatch: Int
  private var nextSpan = 0
  private var ready: Range<Int> = 0..<0

  private static let windowBytes = 32 << 10

  init(_ spans: GzipSpans, of input: Lookahead, workers: Workers) throws(ScanFailure) {
    self.spans = spans
    self.workers = workers
    spansPerBatch = min(Self.spansPerBatch(workers), spans.count)
    self.input = try CompressedSpans(of: input, mostBytes: spans.mostCompressed, atOnce: spansPerBatch)
    decoded = try codecMemory(spansPerBatch * spans.size)
    inflaters = (0..<workers.count).compactMap { _ in ccodec_inflater_new() }
    // The initialiser's failure still runs `deinit`, which frees those that were made.
    guard inflaters.count == workers.count else { throw outOfCodecMemory() }
  }

  deinit { inflaters.forEach(ccodec_inflater_free) }

  /// The memory that decoding so many bytes takes, for whoever admits scans.
  static func scratchBytes(workers: Workers, bytes: Int) -> Int {
    workers.count > 1 ? 2 * min(bytes, spansPerBatch(workers) * GzipSink.chunk) : 0
  }

  /// Two for each lane, bounded because many lanes would hold much memory.
  private static func spansPerBatch(_ workers: Workers) -> Int { min(2 * workers.count, 32) }

  /// Copies decoded bytes; 0 after the last span, `nil` when the next batch is not as announced and was given back.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int? {
    if ready.isEmpty, nextSpan < spans.count, try !decodeBatch() { return nil }
    let bytes = UnsafeRawBufferPointer(rebasing: decoded.bytes[ready]).prefix(buffer.count)
    buffer.copyBytes(from: bytes)
    ready = ready.lowerBound + bytes.count..<ready.upperBound
    return bytes.count
  }

  private func decodeBatch() throws(ScanFailure) -> Bool {
    let numbers = nextSpan..<min(nextSpan + spansPerBatch, spans.count)
    let endsMember = numbers.upperBound == spans.count
    guard let pieces = try input.next(numbers.count, endsMember: endsMember), let results = decode(numbers, pieces)
    else {
      input.giveBack()
      return false
    }
    input.consume(results.reduce(0) { $0 + $1.used })
    if endsMember { input.giveBack() }
    take(numbers, results)
    return true
  }

  private func take(_ numbers: Range<Int>, _ results: [Result]) {
    nextSpan = numbers.upperBound
    ready = 0..<numbers.reduce(0) { $0 + spans.decoded($1) }
    window = Array(decoded.bytes[ready].suffix(MarkedSpans.windowBytes))
    for (number, result) in zip(numbers, results) {
      checksum = ccodec_crc32_combine(checksum, result.checksum, spans.decoded(number))
      length &+= UInt32(truncatingIfNeeded: spans.decoded(number))
    }
  }

  /// What became of each span, or `nil` when one of them is not as announced.
  private func decode(_ numbers: Range<Int>, _ pieces: [UnsafeRawBufferPointer]) -> [Result]? {
    var results = [Result?](repeating: nil, count: numbers.count)
    results.withUnsafeMutableBufferPointer { results in
      let job = Job(pieces: pieces, results: results)
      workers.forEachSlab(of: numbers.count) { lane, items in
        for item in items {
          job.results[item] = decode(numbers.lowerBound + item, job.pieces[item], to: item * spans.size, lane)
        }
      }
    }
    let whole = results.compactMap(\.self)
    return whole.count == numbers.count ? whole : nil
  }

  private func decode(_ number: Int, _ piece: UnsafeRawBufferPointer, to place: Int, _ lane: Int) -> Result? {
    let count = spans.decoded(number)
    guard let source = piece.assumingMemoryBound(to: UInt8.self).baseAddress,
      let target = decoded.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return nil }
    let isLast: Int32 = number == spans.count - 1 ? 1 : 0
    let used = ccodec_inflate_span(inflaters[lane], source, piece.count, isLast, target + place, count)
    return used > 0 ? Result(used: used, checksum: ccodec_crc32(0, target + place, count)) : nil
  }

  /// What decoding one span gave.
  private struct Result {
    /// Compressed bytes.
    let used: Int
    let checksum: UInt32
  }

  /// What the lanes share during one batch.
  private struct Job: @unchecked Sendable {
    // @unchecked Sendable because the pieces are only read and each result is written by one lane.
    let pieces: [UnsafeRawBufferPointer]
    let results: UnsafeMutableBufferPointer<Result?>
  }
}
