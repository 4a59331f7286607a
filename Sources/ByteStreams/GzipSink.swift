import CCodec
import Parallel
import Volumes

/// Compresses into one gzip member, many chunks at a time.
///
/// Each chunk of 1 MiB is a deflate stream of its own that ends on a whole byte (full flush), so lanes compress them
/// independently and any reader sees one stream. One member, because browsers refuse files of several. Between chunks stand
/// marks; when it is known how much will come, the header says so, and lanes can decode the chunks independently, too: see
/// `GzipSpans`.
///
/// With levels 4 to 9 (zlib) the bytes depend on the level alone, not on threads or on the pieces written. With levels 1 to
/// 3 they also depend on the instruction set that ISA-L finds, and one chunk in several thousand comes out a byte longer
/// or shorter for the same input: seen with ISA-L 2.30 by itself, one thread, one buffer; the cause is not known. The
/// decoded bytes are always the same.
package final class GzipSink: ByteSink {
  private let below: any ByteSink
  private let compressor: ChunkCompressor
  private let pledgedSize: Int?
  /// Bytes of the next chunk that are there.
  private var pending = 0
  private var headerIsWritten = false
  private var checksum: UInt32 = 0
  /// Bytes whose compressed form is written.
  private var position = 0

  package static let chunk = ChunkCompressor.chunk

  /// - Parameters:
  ///   - level: 1 (fast) to 9 (small); others count as the nearest.
  ///   - workers: lanes that compress at the same time.
  ///   - pledgedSize: the bytes that will be written, to the byte; `nil` when unknown.
  package init(
    into below: any ByteSink, level: Int, workers: Workers, pledgedSize: Int? = nil
  ) throws(ScanFailure) {
    self.below = below
    self.pledgedSize = pledgedSize
    compressor = try ChunkCompressor(
      level: min(max(level, 1), 9), workers: workers, chunks: (pledgedSize ?? .max) / GzipSink.chunk + 1)
  }

  /// The memory a sink comes to use for so many bytes, for whoever admits scans.
  static func scratchBytes(workers: Workers, bytes: Int) -> Int {
    ChunkCompressor.scratchBytes(workers: workers, bytes: bytes)
  }

  package func write(_ bytes: UnsafeRawBufferPointer, leaving pieces: Int) throws(ScanFailure) {
    var rest = bytes
    while !rest.isEmpty {
      // Not before it is known that more comes: the last chunk is another one.
      if pending == GzipSink.chunk { try compress(last: false) }
      let more = UnsafeRawBufferPointer(rebasing: rest.prefix(GzipSink.chunk - pending))
      UnsafeMutableRawBufferPointer(rebasing: compressor.room[pending...]).copyMemory(from: more)
      rest = UnsafeRawBufferPointer(rebasing: rest[more.count...])
      pending += more.count
    }
  }

  package func finish() throws(ScanFailure) {
    try compress(last: true)
    while !compressor.isEmpty { try writeNext() }
    try below.write(littleEndianBytes(checksum) + littleEndianBytes(UInt32(truncatingIfNeeded: position)))
    guard pledgedSize == nil || pledgedSize == position else {
      throw ScanFailure(
        .writeError, .write, "gzip member", expected: "\(pledgedSize ?? 0) bytes, as were pledged", found: "\(position)"
      )
    }
  }

  private func compress(last: Bool) throws(ScanFailure) {
    if !headerIsWritten { try writeHeader() }
    compressor.begin(pending, last: last)
    pending = 0
    while compressor.isFull { try writeNext() }
  }

  private func writeHeader() throws(ScanFailure) {
    headerIsWritten = true
    let spans = pledgedSize.flatMap { GzipSpans(decodedBytes: $0, size: GzipSink.chunk) }
    try below.write(GzipHeader.written(spans))
  }

  private func writeNext() throws(ScanFailure) {
    guard let chunk = compressor.next() else { return }
    checksum = ccodec_crc32_combine(checksum, chunk.checksum, chunk.count)
    position += chunk.count
    try below.write(chunk.bytes)
  }
}
