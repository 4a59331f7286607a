import CCodec
import Parallel
import Volumes

/// Compresses chunks, several at the same time, and hands the results out in the order in which the chunks came.
///
/// Each lane compresses every n-th chunk in places of its own, one while the other is filled or waits to be written. So
/// no lane waits for another one, and the results do not depend on their number.
final class ChunkCompressor {
  /// A chunk after compression; the bytes are valid until the chunk after the next one of the same lane is begun.
  struct Result {
    let bytes: UnsafeRawBufferPointer
    /// Of the chunk before compression, as its length is.
    let checksum: UInt32
    let count: Int
  }

  private let lanes: [SideLane]
  private let deflaters: [Deflater]
  private let places: [Place]
  private var begun = 0
  private var handedOut = 0

  static let chunk = 1 << 20
  private static let placesPerLane = 2

  /// - Parameters:
  ///   - level: 1 to 9.
  ///   - chunks: that will come at most; memory for more would never be filled.
  init(level: Int, workers: Workers, chunks: Int) throws(ScanFailure) {
    let count = Self.lanes(workers, chunks)
    // What is one chunk is not worth handing over.
    let own = chunks > 1 ? workers : Workers(count: 1)
    lanes = (0..<count).map { SideLane("gzip-\($0)", workers: own, depth: Self.placesPerLane) }
    deflaters = try (0..<count).map { _ throws(ScanFailure) in try Deflater(level: level) }
    places = try (0..<Self.places(lanes: count)).map { _ throws(ScanFailure) in try Place() }
  }

  deinit { for lane in lanes { try? lane.finish() } }

  /// The memory that it comes to use for so many bytes, for whoever admits scans.
  static func scratchBytes(workers: Workers, bytes: Int) -> Int {
    let lanes = lanes(workers, bytes / chunk + 1)
    let filled = min(bytes.multipliedSaturating(by: 2), places(lanes: lanes) * Place.bytes)
    // What a lane compresses with, and a chunk decoded again.
    return filled + lanes << 19 + min(bytes, lanes * chunk)
  }

  /// Bounded because many lanes would hold much memory, and these write faster than disks do.
  private static func lanes(_ workers: Workers, _ chunks: Int) -> Int { min(workers.count, chunks, 16) }

  private static func places(lanes: Int) -> Int { lanes > 1 ? placesPerLane * lanes : 1 }

  /// Whether a result has to be taken before the next chunk has room.
  var isFull: Bool { begun - handedOut == places.count }

  var isEmpty: Bool { begun == handedOut }

  /// Room for the next chunk, of which any number of bytes may be filled.
  var room: UnsafeMutableRawBufferPointer { places[begun % places.count].room }

  /// Compresses what was filled in.
  ///
  /// - Parameter last: whether the chunk ends the stream.
  func begin(_ count: Int, last: Bool) {
    let (place, deflater) = (places[begun % places.count], deflaters[begun % lanes.count])
    // Compressing throws nothing, so nothing is told here.
    try? lanes[begun % lanes.count].begin { place.compress(count, last: last, with: deflater) }
    begun += 1
  }

  /// The result of the oldest chunk, when it is there.
  func next() -> Result? {
    try? lanes[handedOut % lanes.count].finish(handedOut / lanes.count + 1)
    defer { handedOut += 1 }
    return places[handedOut % places.count].result
  }
}

/// Where one chunk after the other is compressed.
private final class Place {
  /// The bytes that one chunk may become.
  private static let most = ccodec_deflate_bound(ChunkCompressor.chunk)
  static let bytes = ChunkCompressor.chunk + most

  private(set) var result: ChunkCompressor.Result?
  private let memory: MappedMemory

  init() throws(ScanFailure) { memory = try codecMemory(Self.bytes) }

  var room: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<ChunkCompressor.chunk])
  }

  func compress(_ count: Int, last: Bool, with deflater: Deflater) {
    let source = room.assumingMemoryBound(to: UInt8.self).baseAddress
    let target = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[ChunkCompressor.chunk...])
    let written = ccodec_deflate_chunk(
      deflater.state, source, count, last ? 1 : 0, target.assumingMemoryBound(to: UInt8.self).baseAddress)
    result = ChunkCompressor.Result(
      bytes: UnsafeRawBufferPointer(rebasing: target[..<written]), checksum: ccodec_crc32(0, source, count),
      count: count)
  }
}

/// What one lane compresses with.
private final class Deflater {
  let state: OpaquePointer

  init(level: Int) throws(ScanFailure) {
    guard let state = ccodec_deflater_new(Int32(level)) else { throw outOfCodecMemory() }
    self.state = state
  }

  deinit { ccodec_deflater_free(state) }
}
