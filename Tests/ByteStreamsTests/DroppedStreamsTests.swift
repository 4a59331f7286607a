import ByteStreams
import Parallel
import Testing
import Volumes

/// Whoever gives up half way lets go of a stream; no lane may go on in memory that went with it.
@Suite struct DroppedStreamsTests {
  private static let bytes = Sample.noise(3_000_000)

  @Test(arguments: Compression.allCases)
  func `a sink`(_ compression: Compression) throws {
    for round in 0..<100 {
      let full = BytesSink(failsAfter: 100_000 + 10_000 * round)
      #expect(throws: BytesSink.failure) {
        let sink = try compression.sink(into: full, level: 1, workers: Workers(count: 3), size: Self.bytes.count)
        for start in stride(from: 0, to: Self.bytes.count, by: 100_000) {
          try Self.bytes[start..<start + 100_000].withUnsafeBytes { try sink.write($0) }
        }
        try sink.finish()
      }
    }
  }

  @Test(arguments: Compression.allCases)
  func `a source`(_ compression: Compression) throws {
    let folder = try TemporaryFolder()
    try folder.write(try encode(Self.bytes, compression), to: "file")
    var room = [UInt8](repeating: 0, count: 1000)
    for round in 0..<100 {
      let workers = Workers(count: 3)
      let file = try FileSource(path: "\(folder.path)/file", workers: workers)
      let source = try DecodedSource(file, workers: workers)
      while source.position <= 1000 * round {
        let start = source.position
        let count = try room.withUnsafeMutableBytes { try source.read(into: $0) }
        let isEqual = room.starts(with: Self.bytes[start..<start + count])
        #expect(count > 0 && isEqual)
      }
    }
  }
}
