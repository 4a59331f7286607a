import ByteStreams
import Parallel
import Testing
import Volumes

@Suite struct RoundTripTests {
  private static let everyLevel = Compression.allCases.flatMap { compression in
    (compression.levels ?? 1...1).map { (compression, $0) }
  }

  @Test(arguments: everyLevel)
  func `what went in comes out, for every size from 0 to 300`(_ compression: Compression, level: Int) throws {
    // zstd's high levels take milliseconds to start, whatever the size.
    for count in stride(from: 0, through: 300, by: compression == .zstd && level > 6 ? 37 : 1) {
      let bytes = Sample.scanLike(count, seed: UInt64(count))
      let file = try encode(bytes, compression, level: level)
      guard compression != .none || count > 0 else { continue }
      let decoded = try decode(file)
      #expect(decoded.bytes.digest == bytes.digest)
      #expect(decoded.source.compression == compression)
      #expect(decoded.source.findings.isEmpty)
      #expect(decoded.source.position == count)
    }
  }

  @Test(arguments: Compression.allCases, [1, 7, 1000])
  func `sources that give little and readers that take little change nothing`(
    _ compression: Compression, step: Int
  ) throws {
    let bytes = Sample.scanLike(20_000)
    let file = try encode(bytes, compression)
    #expect(try decode(file, piece: step).bytes.digest == bytes.digest)
    #expect(try decode(file, request: step).bytes.digest == bytes.digest)
    #expect(try decode(file, piece: step, request: step).bytes.digest == bytes.digest)
  }

  @Test(arguments: [Compression.gzip, .zstd], [-1, 0, 1])
  func `sizes around the chunk and the batch`(_ compression: Compression, offset: Int) throws {
    for chunks in [1, 4, 8] {
      let bytes = Sample.scanLike(chunks * GzipSink.chunk + offset)
      let file = try encode(bytes, compression, workers: 1)
      #expect(try decode(file).bytes.digest == bytes.digest)
    }
  }

  // ISA-L's levels do not promise their bytes, see `GzipSink`; what they stand for must not change.
  @Test(arguments: 1...3)
  func `neither threads nor pieces change what fast gzip stands for`(level: Int) throws {
    let bytes = Sample.scanLike(9 * GzipSink.chunk + 12_345)
    for workers in [1, 2, 3, 4, 8] {
      let pieces = randomPieces(total: bytes.count, most: 3_000_000, seed: UInt64(workers))
      let file = try encode(bytes, .gzip, level: level, workers: workers, pieces: pieces)
      #expect(try decode(file).bytes.digest == bytes.digest)
    }
  }

  @Test(arguments: [1, 4])
  func `lanes that decode by the marks give the same bytes`(level: Int) throws {
    for count in [GzipSink.chunk - 1, GzipSink.chunk + 1, 9 * GzipSink.chunk, 9 * GzipSink.chunk + 12_345] {
      let bytes = Sample.scanLike(count)
      let file = try encode(bytes, .gzip, level: level, workers: 3)
      for workers in [2, 3, 4, 8] {
        for request in [1_000_003, 5 << 20] {
          let decoded = try decode(file, request: request, workers: workers)
          #expect(decoded.bytes.digest == bytes.digest)
          #expect(decoded.source.findings.isEmpty)
        }
      }
    }
  }

  @Test(arguments: [(Compression.gzip, 4), (.gzip, 6), (.zstd, 1), (.zstd, 3)])
  func `neither threads nor pieces change the bytes`(_ compression: Compression, level: Int) throws {
    let bytes = Sample.scanLike(9 * GzipSink.chunk + 12_345)
    let reference = try encode(bytes, compression, level: level, workers: 1)
    for workers in [1, 2, 3, 4, 8] {
      let pieces = randomPieces(total: bytes.count, most: 3_000_000, seed: UInt64(workers))
      #expect(try encode(bytes, compression, level: level, workers: workers, pieces: pieces).digest == reference.digest)
    }
    let small = randomPieces(total: 2_000_000, most: 5_000, seed: 99)
    #expect(try encode(bytes, compression, level: level, workers: 4, pieces: small).digest == reference.digest)
  }

  @Test(arguments: 1...9)
  func `noise grows by no more than it takes to store it`(level: Int) throws {
    let bytes = Sample.noise(GzipSink.chunk + 100_000)
    let file = try encode(bytes, .gzip, level: level)
    // Header and trailer take 36 bytes, the mark two blocks.
    #expect(file.count <= bytes.count + 36 + 5 * (bytes.count / 65_535 + 2 + 2))
    #expect(try decode(file).bytes.digest == bytes.digest)
  }

  @Test func `an unknown size is no hindrance`() throws {
    let bytes = Sample.scanLike(3_000_000)
    let below = BytesSink()
    let sink = try ZstdSink(into: below, level: 3, workers: Workers(count: 2), pledgedSize: nil)
    try sink.write(bytes)
    try sink.finish()
    #expect(try decode(below.bytes).bytes.digest == bytes.digest)
  }

  @Test func `a broken pledge is an error`() throws {
    #expect(throws: ScanFailure.self) { try encode(Sample.scanLike(100), .zstd, size: 99) }
    #expect(throws: ScanFailure.self) { try encode(Sample.scanLike(100), .zstd, size: 101) }
    #expect(throws: ScanFailure.self) { try encode(Sample.scanLike(3_000_000), .gzip, size: 2_999_999) }
    #expect(throws: ScanFailure.self) { try encode(Sample.scanLike(3_000_000), .gzip, size: 3_000_001) }
  }

  @Test(arguments: Compression.allCases)
  func `the failure of the sink below comes up, and finishing leaves that sink open`(_ compression: Compression) throws
  {
    let bytes = Sample.noise(2_000_000)
    let full = BytesSink(failsAfter: 1000)
    let sink = try compression.sink(into: full, level: 1, workers: Workers(count: 2), size: bytes.count)
    #expect(throws: BytesSink.failure) {
      try sink.write(bytes)
      try sink.finish()
    }
    let below = BytesSink()
    let other = try compression.sink(into: below, level: 1, workers: Workers(count: 2), size: 3)
    try other.write([1, 2, 3])
    try other.finish()
    #expect(!below.isFinished)
  }
}
