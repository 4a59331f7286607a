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
  /// Writes a batch while the next one is compressed.
  private let writing: SideLane
  private var index: GzipIndex?
  private let pledgedSize: Int?
  private var position = 0
  private let compressor: ChunkCompressor
  /// What was written since the last batch: fewer bytes than a batch.
  private let pending: MappedMemory
  private var pendingCount = 0
  private var headerIsWritten = false
  private var checksum: UInt32 = 0
  private var length: UInt32 = 0

  package static let chunk = 1 << 20

  /// - Parameters:
  ///   - level: 1 (fast) to 9 (small); others count as the nearest.
  ///   - workers: lanes that compress at the same time.
  ///   - pledgedSize: the bytes that will be written, to the byte; `nil` when unknown.
  package init(
    into below: any ByteSink, level: Int, workers: Workers, pledgedSize: Int? = nil
  ) throws(ScanFailure) {
    // Memory that a small scan would never fill costs the clearing of a large page for each of its buffers.
    let needed = (pledgedSize ?? .max) / GzipSink.chunk + 1
    let batch = min(GzipSink.chunksPerBatch(workers), needed)
    self.below = below
    writing = SideLane("gzip", workers: workers)
    self.pledgedSize = pledgedSize
    // What fits into one chunk is decoded by one lane anyway.
    if let pledgedSize, pledgedSize > GzipSink.chunk, below is any ReservingSink {
      index = GzipIndex(decodedBytes: pledgedSize, chunk: GzipSink.chunk)
    }
    compressor = try ChunkCompressor(level: min(max(level, 1), 9), workers: workers, batch: batch)
    pending = try codecMemory(batch * GzipSink.chunk)
  }

  /// The memory a sink comes to use for so many bytes, for whoever admits scans: a batch waiting, two batches compressed,
  /// and the lanes' tables.
  static func scratchBytes(workers: Workers, bytes: Int) -> Int {
    let batch = chunksPerBatch(workers)
    return min(bytes, batch * chunk) + min(bytes, ChunkCompressor.bytes(batch: batch)) + workers.count << 19
  }

  /// Enough that lanes do not wait for the slowest often, bounded because many lanes would hold much memory.
  private static func chunksPerBatch(_ workers: Workers) -> Int {
    max(workers.count, min(2 * workers.count, 32))
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws(ScanFailure) {
    var rest = bytes
    while pendingCount + rest.count >= pending.bytes.count {
      // Only what completes a chunk is copied; the batch is filled up with whole chunks where they lie.
      let gap = (GzipSink.chunk - pendingCount % GzipSink.chunk) % GzipSink.chunk
      keep(rest.removingFirst(gap))
      let direct = rest.removingFirst(pending.bytes.count - pendingCount)
      try compress(pendingChunks() + chunks(of: direct), last: false)
    }
    keep(rest)
  }

  package func finish() throws(ScanFailure) {
    var chunks = pendingChunks()
    // The last chunk may be empty: chunks end where 1 MiB ends, whoever knows whether more will come.
    if pendingCount % GzipSink.chunk == 0 { chunks.append(UnsafeRawBufferPointer(start: nil, count: 0)) }
    try compress(chunks, last: true)
    try onScan { try writing.finish() }
    try below.write(littleEndianBytes(checksum) + littleEndianBytes(length))
    guard pledgedSize == nil || pledgedSize == position else {
      throw ScanFailure(
        .writeError, .write, "gzip member", expected: "\(pledgedSize ?? 0) bytes, as were pledged", found: "\(position)"
      )
    }
    if let index, let below = below as? any ReservingSink { try below.fillReserved(GzipHeader.written(index)) }
  }

  private func writeHeader() throws(ScanFailure) {
    headerIsWritten = true
    let header = GzipHeader.written(index)
    guard index != nil, let below = below as? any ReservingSink else { return try below.write(header) }
    try below.reserve(header.count)
  }

  private func keep(_ bytes: UnsafeRawBufferPointer) {
    UnsafeMutableRawBufferPointer(rebasing: pending.bytes[pendingCount...]).copyMemory(from: bytes)
    pendingCount += bytes.count
  }

  private func pendingChunks() -> [UnsafeRawBufferPointer] {
    chunks(of: UnsafeRawBufferPointer(rebasing: pending.bytes[..<pendingCount]))
  }

  private func chunks(of bytes: UnsafeRawBufferPointer) -> [UnsafeRawBufferPointer] {
    stride(from: 0, to: bytes.count, by: GzipSink.chunk).map { start in
      UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + GzipSink.chunk, bytes.count)])
    }
  }

  /// Compresses whole chunks (the last one of all may be shorter) and hands them down in their order.
  private func compress(_ chunks: [UnsafeRawBufferPointer], last: Bool) throws(ScanFailure) {
    if !headerIsWritten { try writeHeader() }
    let compressed = compressor.compress(chunks, last: last)
    pendingCount = 0
    for (chunk, result) in zip(chunks, compressed) {
      checksum = ccodec_crc32_combine(checksum, result.checksum, chunk.count)
      length &+= UInt32(truncatingIfNeeded: chunk.count)
      index?.add(compressed: result.bytes.count, at: position)
      position += chunk.count
    }
    let (below, compressor) = (below, compressor)
    try onScan {
      try writing.begin {
        // The results lie in the compressor's memory, and the sink may be gone after a failure elsewhere.
        try withExtendedLifetime(compressor) { for result in compressed { try below.write(result.bytes) } }
      }
    }
  }

  /// Side work throws anything; this one only what the sink below throws.
  private func onScan(_ work: () throws -> Void) throws(ScanFailure) {
    do {
      try work()
    } catch let failure as ScanFailure {
      throw failure
    } catch {
      throw ScanFailure(.writeError, .write, "output", expected: "to be written", found: "\(error)")
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Takes the first `count` bytes away, or all if there are fewer.
  fileprivate mutating func removingFirst(_ count: Int) -> UnsafeRawBufferPointer {
    let taken = UnsafeRawBufferPointer(rebasing: prefix(count))
    self = UnsafeRawBufferPointer(rebasing: dropFirst(count))
    return taken
  }
}
