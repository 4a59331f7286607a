import ByteStreams
import Parallel
import Testing

/// What is compressed is decompressed on the way; a frame that holds something else does not pass.
@Suite struct ZstdCheckTests {
  private static let bytes = Sample.scanLike(600_000)

  private func check(_ frame: [UInt8], workers: Int, pieces: Int) throws -> Checksum? {
    let check = try ZstdCheck(workers: Workers(count: workers))
    return frame.withUnsafeBytes { frame in
      for start in stride(from: 0, to: frame.count, by: pieces) {
        check.add(UnsafeRawBufferPointer(rebasing: frame[start..<min(start + pieces, frame.count)]))
      }
      return check.finish()
    }
  }

  private func checksum(_ bytes: [UInt8]) -> Checksum {
    var checksum = Checksum()
    bytes.withUnsafeBytes { checksum.update($0) }
    return checksum
  }

  @Test(arguments: [1, 2], [1, 777, 1 << 20])
  func `a sound frame gives the checksum of what it holds`(workers: Int, pieces: Int) throws {
    // 2¹⁸ bytes are decoded at a time, so ends fall before, on and behind that.
    for count in [0, 1, 1 << 18, 1 << 18 | 1, 600_000] {
      let bytes = Array(Self.bytes.prefix(count))
      #expect(try check(encode(bytes, .zstd), workers: workers, pieces: pieces) == checksum(bytes))
    }
  }

  @Test func `damage, a cut and anything behind the end are found`() throws {
    let bytes = Array(Self.bytes.prefix(5000))
    let (frame, sound) = (try encode(bytes, .zstd), checksum(bytes))
    var harmless = 0
    for place in frame.indices {
      var damaged = frame
      damaged[place] ^= 1 << UInt8(place % 8)
      if try check(damaged, workers: 1, pieces: 4096) == sound {
        // The format gives some bits no meaning.
        harmless += 1
        #expect(try decode(damaged).bytes == bytes, "byte \(place)")
      }
      #expect(try check(Array(frame[..<place]), workers: 1, pieces: 4096) == nil, "cut at \(place)")
    }
    #expect(harmless <= 2 && frame.count > 1000)
    #expect(try check(frame + [0], workers: 1, pieces: frame.count) == nil)
    #expect(try check(frame + frame, workers: 1, pieces: frame.count) == nil)
  }
}
