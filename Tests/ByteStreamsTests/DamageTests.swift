import ByteStreams
import SeededNumbers
import Testing
import Volumes

/// Nothing damaged may pass as data, wherever the damage is.
@Suite struct DamageTests {
  private static let compressions = [Compression.gzip, .zstd]
  private static let bytes = Sample.scanLike(700)

  @Test(arguments: compressions)
  func `a file that is cut off anywhere is refused as cut off`(_ compression: Compression) throws {
    let file = try encode(DamageTests.bytes, compression)
    let expected: FailureClass = compression == .gzip ? .gzipTruncated : .zstdTruncated
    for count in 1..<file.count {
      #expect(failureClass(decoding: Array(file[..<count])) == expected, "cut at \(count)")
      #expect(failureClass(decoding: Array(file[..<count]), acceptsTrailingBytes: true) == expected, "cut at \(count)")
    }
    #expect(failureClass(decoding: []) == .emptyFile)
  }

  @Test(arguments: compressions, [false, true])
  func `one flipped bit is refused, or is none of the data's`(_ compression: Compression, lenient: Bool) throws {
    let file = try encode(DamageTests.bytes, compression)
    var refused = 0
    for bit in 0..<file.count * 8 {
      var damaged = file
      damaged[bit / 8] ^= 1 << (bit % 8)
      do {
        let decoded = try decode(damaged, acceptsTrailingBytes: lenient)
        // Without its magic a file is no longer one of these; whoever asked for one sees that.
        #expect(decoded.bytes.digest == DamageTests.bytes.digest || decoded.source.compression == .none, "bit \(bit)")
      } catch {
        refused += 1
      }
    }
    // Bits that nobody checks: time, extra flags and system of gzip, and little else.
    #expect(refused >= file.count * 8 - 80)
  }

  @Test(arguments: compressions)
  func `random damage never gets through`(_ compression: Compression) throws {
    var numbers = SeededNumbers(seed: 5)
    let file = try encode(Sample.scanLike(5_000), compression, level: 3)
    var refused = 0
    for _ in 0..<3_000 {
      var damaged = file
      for _ in 0..<Int.random(in: 1...6, using: &numbers) {
        let place = Int.random(in: 12..<damaged.count, using: &numbers)
        switch Int.random(in: 0..<3, using: &numbers) {
        case 0: damaged[place] = UInt8.random(in: 0...255, using: &numbers)
        case 1: damaged.remove(at: place)
        default: damaged.insert(UInt8.random(in: 0...255, using: &numbers), at: place)
        }
      }
      if damaged == file { continue }
      if let decoded = try? decode(damaged) {
        #expect(decoded.bytes.digest == Sample.scanLike(5_000).digest)
      } else {
        refused += 1
      }
    }
    // It is noticed by being refused: nearly always, or the damage is none.
    #expect(refused > 2_900)
  }

  @Test func `gzip's three checks have their own names`() throws {
    let file = try encode(DamageTests.bytes, .gzip)
    func damaged(fromEnd: Int) -> [UInt8] {
      var copy = file
      copy[file.count - fromEnd] ^= 0x10
      return copy
    }
    #expect(failureClass(decoding: damaged(fromEnd: 8)) == .gzipChecksum)
    #expect(failureClass(decoding: damaged(fromEnd: 4)) == .gzipSize)
    var otherMethod = file
    otherMethod[2] = 7
    #expect(failureClass(decoding: otherMethod) == .gzipFormat)
    var reserved = file
    reserved[3] = 0x20
    #expect(failureClass(decoding: reserved) == .gzipFormat)
  }

  @Test func `a flipped zstd checksum has its own name`() throws {
    var file = try encode(DamageTests.bytes, .zstd)
    file[file.count - 1] ^= 1
    #expect(failureClass(decoding: file) == .zstdChecksum)
  }

  @Test func `a failure stays`() throws {
    let file = try encode(Sample.scanLike(400_000), .gzip)
    let source = try DecodedSource(BytesSource(Array(file[..<150_000])))
    #expect(throws: ScanFailure.self) { while try !source.readBytes(atMost: 1000).isEmpty {} }
    #expect(throws: ScanFailure.self) { try source.readBytes(atMost: 1000) }
    #expect(throws: ScanFailure.self) { try source.finish() }
  }
}
