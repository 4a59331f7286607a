import CCodec
import Parallel
import Volumes

/// Compresses a batch of chunks at a time, each into its own place; two batches' places take turns, so that one can be
/// written while the next is compressed.
final class ChunkCompressor: @unchecked Sendable {
  // @unchecked Sendable because a lane uses only its own deflater and writes only its chunks' places, and `compress`
  // returns when all lanes are done.

  /// A chunk after compression; the bytes are valid until the next batch but one.
  struct Result {
    var bytes: UnsafeRawBufferPointer
    var checksum: UInt32
  }

  /// The bytes that one chunk may become.
  private static let room = ccodec_deflate_bound(GzipSink.chunk)

  /// The memory for the compressed bytes of two batches.
  static func bytes(batch: Int) -> Int { 2 * (batch + 1) * room }

  private let workers: Workers
  private let deflaters: [OpaquePointer]
  private let output: MappedMemory
  private let batch: Int
  private var isOddBatch = false

  /// - Parameter batch: chunks that `compress` gets at most, plus one for the last.
  init(level: Int, workers: Workers, batch: Int) throws(ScanFailure) {
    self.workers = workers
    self.batch = batch
    output = try codecMemory(ChunkCompressor.bytes(batch: batch))
    deflaters = (0..<min(workers.count, batch + 1)).compactMap { _ in ccodec_deflater_new(Int32(level)) }
    // The initialiser's failure still runs `deinit`, which frees those that were made.
    guard deflaters.count == min(workers.count, batch + 1) else { throw outOfCodecMemory() }
  }

  deinit { deflaters.forEach(ccodec_deflater_free) }

  /// - Parameter last: whether the last of the chunks ends the stream.
  func compress(_ chunks: [UnsafeRawBufferPointer], last: Bool) -> [Result] {
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    var results = [Result](repeating: Result(bytes: nothing, checksum: 0), count: chunks.count)
    isOddBatch.toggle()
    let firstPlace = isOddBatch ? 0 : batch + 1
    results.withUnsafeMutableBufferPointer { results in
      let job = Job(chunks: chunks, ending: last ? chunks.count - 1 : nil, results: results)
      workers.forEachSlab(of: chunks.count) { lane, items in
        for item in items {
          job.results[item] = compress(job.chunks[item], last: item == job.ending, lane, place: firstPlace + item)
        }
      }
    }
    return results
  }

  private func compress(_ chunk: UnsafeRawBufferPointer, last: Bool, _ lane: Int, place: Int) -> Result {
    let room = ChunkCompressor.room
    let target = UnsafeMutableRawBufferPointer(rebasing: output.bytes[place * room..<(place + 1) * room])
      .assumingMemoryBound(to: UInt8.self)
    let source = chunk.assumingMemoryBound(to: UInt8.self).baseAddress
    let written = ccodec_deflate_chunk(deflaters[lane], source, chunk.count, last ? 1 : 0, target.baseAddress)
    return Result(
      bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(target)[..<written]),
      checksum: ccodec_crc32(0, source, chunk.count))
  }

  /// What the lanes share during one batch.
  private struct Job: @unchecked Sendable {
    // @unchecked Sendable because the chunks are only read and each result is written by one lane.
    let chunks: [UnsafeRawBufferPointer]
    /// The chunk that ends the stream, if this batch has it.
    let ending: Int?
    let results: UnsafeMutableBufferPointer<Result>
  }
}
