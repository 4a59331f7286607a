import CCodec
import Parallel
import Volumes

/// Decodes an indexed gzip member, many spans at a time.
///
/// A span counts when it decodes by itself to what the index says and begins and ends between two blocks: then a reader
/// that goes from the first byte to the last gets the same bytes. When one does not, its whole batch is given back to the
/// input, and such a reader goes on from there; a wrong index costs time, and never changes what is read.
final class IndexedSpans: @unchecked Sendable {
  // @unchecked Sendable because a lane uses only its own inflater and writes only its spans' places, and a batch returns when
  // all lanes are done.

  /// Of all bytes handed out or waiting to be, as gzip counts them.
  private(set) var checksum: UInt32 = 0
  private(set) var length: UInt32 = 0
  /// What was decoded before the next batch: at most the 32 KiB that deflate can refer to.
  private(set) var window: [UInt8] = []

  private let index: GzipIndex
  private let input: Lookahead
  private let workers: Workers
  private let inflaters: [OpaquePointer]
  private let compressed: MappedMemory
  private let decoded: MappedMemory
  private let spansPerBatch: Int
  private var nextSpan = 0
  private var ready: Range<Int> = 0..<0

  private static let windowBytes = 32 << 10

  init(_ index: GzipIndex, of input: Lookahead, workers: Workers) throws(ScanFailure) {
    self.index = index
    self.input = input
    self.workers = workers
    let batch = min(max(1, IndexedSpans.bytesPerBatch(workers) / index.span), index.sizes.count)
    spansPerBatch = batch
    compressed = try codecMemory(batch * GzipIndex.mostCompressed(index.span))
    decoded = try codecMemory(batch * index.span)
    inflaters = (0..<workers.count).compactMap { _ in ccodec_inflater_new() }
    // The initialiser's failure still runs `deinit`, which frees those that were made.
    guard inflaters.count == workers.count else { throw outOfCodecMemory() }
  }

  deinit {
    // What was read last may still be hashed where it is.
    input.settle()
    inflaters.forEach(ccodec_inflater_free)
  }

  /// The memory that decoding so many bytes takes, for whoever admits scans.
  static func scratchBytes(workers: Workers, bytes: Int) -> Int {
    workers.count > 1 ? 2 * min(bytes, bytesPerBatch(workers)) : 0
  }

  /// Two spans of 1 MiB for each lane, bounded because many lanes would hold much memory.
  private static func bytesPerBatch(_ workers: Workers) -> Int { min(2 * workers.count, 32) << 20 }

  /// Copies decoded bytes; 0 after the last span, `nil` when the next batch does not fit the index and was given back.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int? {
    if ready.isEmpty, nextSpan < index.sizes.count, try !decodeBatch() { return nil }
    let bytes = UnsafeRawBufferPointer(rebasing: decoded.bytes[ready]).prefix(buffer.count)
    buffer.copyBytes(from: bytes)
    ready = ready.lowerBound + bytes.count..<ready.upperBound
    return bytes.count
  }

  private func decodeBatch() throws(ScanFailure) -> Bool {
    let numbers = nextSpan..<min(nextSpan + spansPerBatch, index.sizes.count)
    // The batch before may still be hashed from the same memory.
    input.settle()
    let wanted = UnsafeMutableRawBufferPointer(rebasing: compressed.bytes[..<index.sizes[numbers].reduce(0, +)])
    let got = try input.readFully(into: wanted)
    guard got == wanted.count, let checksums = decode(numbers) else {
      input.giveBack(UnsafeRawBufferPointer(rebasing: compressed.bytes[..<got]))
      return false
    }
    nextSpan = numbers.upperBound
    ready = 0..<numbers.reduce(0) { $0 + index.decoded($1) }
    window = Array(decoded.bytes[ready].suffix(IndexedSpans.windowBytes))
    for (number, spanChecksum) in zip(numbers, checksums) {
      checksum = ccodec_crc32_combine(checksum, spanChecksum, index.decoded(number))
      length &+= UInt32(truncatingIfNeeded: index.decoded(number))
    }
    return true
  }

  /// The checksum of each span, or `nil` when one of them is not what the index says.
  private func decode(_ numbers: Range<Int>) -> [UInt32]? {
    var ends = index.sizes[numbers]
    for number in numbers.dropFirst() { ends[number] += ends[number - 1] }
    var checksums = [UInt32?](repeating: nil, count: numbers.count)
    checksums.withUnsafeMutableBufferPointer { checksums in
      let job = Job(ends: ends, checksums: checksums)
      workers.forEachSlab(of: numbers.count) { lane, items in
        for item in items {
          let number = numbers.lowerBound + item
          let begin = item == 0 ? 0 : job.ends[number - 1]
          job.checksums[item] = decode(number, from: begin..<job.ends[number], to: item * index.span, lane)
        }
      }
    }
    let whole = checksums.compactMap(\.self)
    return whole.count == numbers.count ? whole : nil
  }

  private func decode(_ number: Int, from bytes: Range<Int>, to place: Int, _ lane: Int) -> UInt32? {
    let count = index.decoded(number)
    guard let source = compressed.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      let target = decoded.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return nil }
    let isLast: Int32 = number == index.sizes.count - 1 ? 1 : 0
    let fits = ccodec_inflate_span(
      inflaters[lane], source + bytes.lowerBound, bytes.count, isLast, target + place, count)
    return fits == 1 ? ccodec_crc32(0, target + place, count) : nil
  }

  /// What the lanes share during one batch.
  private struct Job: @unchecked Sendable {
    // @unchecked Sendable because the ends are only read and each checksum is written by one lane.
    let ends: ArraySlice<Int>
    let checksums: UnsafeMutableBufferPointer<UInt32?>
  }
}
