import CCodec
import Parallel
import Volumes

/// Compresses into one gzip member, many chunks at a time.
///
/// Each chunk of 1 MiB is a deflate stream of its own that ends on a whole byte (full flush), so lanes compress them
/// independently and any reader sees one stream. One member, because browsers refuse files of several. When it is known
/// how much will come and the sink below can be written at its beginning last, the header holds an index of the chunks,
/// see `GzipIndex`.
///
/// With levels 4 to 9 (zlib) the bytes depend on the level alone, not on threads or on the pieces written. With levels 1 to
/// 3 they also depend on the instruction set that ISA-L finds, and one chunk in several thousand comes out a byte longer
/// or shorter for the same input: seen with ISA-L 2.30 by itself, one thread, one buffer; the cause is not known. The
/// decoded bytes are always the same.
package final class GzipSink: ByteSink {
  private let below: any ByteSink
  private let compressor: ChunkCompressor
  private var index: GzipIndex?
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
    // What fits into one chunk is decoded by one lane anyway.
    if let pledgedSize, pledgedSize > GzipSink.chunk, below is any ReservingSink {
      index = GzipIndex(decodedBytes: pledgedSize, chunk: GzipSink.chunk)
    }
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
      let more = UnsafeRawBufferPointer(rebasing: rest.prefix(GzipSink.chunk - pending))
      UnsafeMutableRawBufferPointer(rebasing: compressor.room[pending...]).copyMemory(from: more)
      rest = UnsafeRawBufferPointer(rebasing: rest[more.count...])
      pending += more.count
      if pending == GzipSink.chunk { try compress(last: false) }
    }
  }

  package func finish() throws(ScanFailure) {
    // The last chunk may be empty: chunks end where 1 MiB ends, whoever knows whether more will come.
    try compress(last: true)
    while !compressor.isEmpty { try writeNext() }
    try below.write(littleEndianBytes(checksum) + littleEndianBytes(UInt32(truncatingIfNeeded: position)))
    guard pledgedSize == nil || pledgedSize == position else {
      throw ScanFailure(
        .writeError, .write, "gzip member", expected: "\(pledgedSize ?? 0) bytes, as were pledged", found: "\(position)"
      )
    }
    if let index, let below = below as? any ReservingSink { try below.fillReserved(GzipHeader.written(index)) }
  }

  private func compress(last: Bool) throws(ScanFailure) {
    if !headerIsWritten { try writeHeader() }
    compressor.begin(pending, last: last)
    pending = 0
    while compressor.isFull { try writeNext() }
  }

  private func writeHeader() throws(ScanFailure) {
    headerIsWritten = true
    let header = GzipHeader.written(index)
    guard index != nil, let below = below as? any ReservingSink else { return try below.write(header) }
    try below.reserve(header.count)
  }

  private func writeNext() throws(ScanFailure) {
    guard let chunk = compressor.next() else { return }
    checksum = ccodec_crc32_combine(checksum, chunk.checksum, chunk.count)
    index?.add(compressed: chunk.bytes.count, at: position)
    position += chunk.count
    try below.write(chunk.bytes)
  }
}
