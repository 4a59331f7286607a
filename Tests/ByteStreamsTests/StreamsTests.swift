import ByteStreams
import SeededNumbers
import Testing
import Volumes

/// Several streams in one file, what may follow them, and what hostile ones claim.
@Suite struct StreamsTests {
  private static let compressions = [Compression.gzip, .zstd]
  private let first = Sample.scanLike(900, seed: 1)
  private let second = Sample.scanLike(500, seed: 2)

  private func skippable(_ content: [UInt8], announcing size: Int? = nil) -> [UInt8] {
    let count = size ?? content.count
    return [0x5a, 0x2a, 0x4d, 0x18] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + content
  }

  @Test(arguments: compressions)
  func `streams one after another are one`(_ compression: Compression) throws {
    let empty = try encode([], compression)
    let both = try encode(first, compression) + empty + encode(second, compression, level: 5)
    for piece in [1, 13, Int.max] { #expect(try decode(both, piece: piece).bytes.digest == (first + second).digest) }
    // Damage in the second stream is found although the reader may have had enough from the first.
    #expect(failureClass(decoding: Array(both.dropLast())) != nil)
  }

  /// ISA-L loads bytes ahead of those it needs, some of which may have left the buffer when the end is found.
  @Test func `the end of a member is found to the byte, however the file is cut`() throws {
    var numbers = SeededNumbers(seed: 3)
    for seed in 0..<400 as Range<UInt64> {
      let letters = UInt8.random(in: 1...255, using: &numbers)
      let bytes = Sample.noise(Int.random(in: 0...3000, using: &numbers), seed: seed).map { $0 % letters }
      let member = try encode(bytes, .gzip, level: Int.random(in: 1...9, using: &numbers), workers: 1)
      for piece in [2, 5, 7, 16] {
        #expect(try decode(member + member, piece: piece, request: 40).bytes.digest == (bytes + bytes).digest)
      }
    }
  }

  @Test(arguments: Compression.allCases)
  func `zeros after the data are a finding`(_ compression: Compression) throws {
    let padded = try encode(first + [0, 0, 0], compression)
    let source = try DecodedSource(BytesSource(padded))
    #expect(try source.readBytes(atMost: first.count).digest == first.digest)
    try source.finish()
    #expect(source.findings == [Finding("trailing-zeros", "3 zero bytes after the data")])
  }

  @Test(arguments: Compression.allCases)
  func `other bytes after the data are refused unless accepted`(_ compression: Compression) throws {
    let longer = try encode(first + [0, 9], compression)
    let strict = try DecodedSource(BytesSource(longer))
    _ = try strict.readBytes(atMost: first.count)
    #expect { try strict.finish() } throws: { ($0 as? ScanFailure)?.failureClass == .trailingBytes }
    let lenient = try DecodedSource(BytesSource(longer), acceptsTrailingBytes: true)
    _ = try lenient.readBytes(atMost: first.count)
    try lenient.finish()
    #expect(lenient.findings == [Finding("trailing-bytes", "2 bytes after the data")])
  }

  @Test(arguments: compressions)
  func `what follows the last stream is judged alike`(_ compression: Compression) throws {
    let file = try encode(first, compression)
    let padded = try decode(file + [UInt8](repeating: 0, count: 600_000))
    #expect(padded.bytes.digest == first.digest)
    #expect(
      padded.source.findings == [
        Finding("trailing-zeros", "600000 zero bytes after the last \(compression.rawValue) stream")
      ])
    #expect(failureClass(decoding: file + [0, 0, 1]) == .trailingBytes)
    #expect(failureClass(decoding: file + Array("<html>".utf8)) == .trailingBytes)
    let accepted = try decode(file + [7, 7], acceptsTrailingBytes: true)
    #expect(accepted.bytes.digest == first.digest)
    #expect(accepted.source.findings.map(\.code) == ["trailing-bytes"])
    // A stream of the other kind is garbage here.
    let other = try encode(second, compression == .gzip ? .zstd : .gzip)
    #expect(failureClass(decoding: file + other) == .trailingBytes)
  }

  @Test(arguments: compressions)
  func `more than the caller's limit is refused, the limit itself is not`(_ compression: Compression) throws {
    let zeros = [UInt8](repeating: 0, count: 64 << 20)
    let bomb = try encode(zeros, compression)
    #expect(bomb.count < 1 << 20)
    #expect(failureClass(decoding: bomb, limit: zeros.count - 1) == .limit)
    #expect(failureClass(decoding: bomb, limit: zeros.count) == nil)
    let source = try DecodedSource(BytesSource(bomb))
    source.byteLimit = 1 << 20
    #expect(throws: ScanFailure.self) { try source.finish() }
    #expect(source.position <= 1 << 20 + 1 << 17)
  }

  @Test func `too many members and frames are refused`() throws {
    let member = try encode([], .gzip)
    let frame = try encode([], .zstd)
    func many(_ stream: [UInt8], _ count: Int) -> [UInt8] { Array([[UInt8]](repeating: stream, count: count).joined()) }
    #expect(failureClass(decoding: many(member, 65_536)) == nil)
    #expect(failureClass(decoding: many(member, 65_537)) == .limit)
    #expect(failureClass(decoding: many(frame, 65_536)) == nil)
    #expect(failureClass(decoding: many(frame, 65_537)) == .limit)
    #expect(failureClass(decoding: many(skippable([]), 1_024) + frame) == nil)
    #expect(failureClass(decoding: many(skippable([]), 1_025) + frame) == .limit)
  }

  @Test func `skippable frames are passed over, wherever they stand`() throws {
    let file =
      try skippable([1, 2, 3]) + encode(first, .zstd) + skippable([]) + encode(second, .zstd) + skippable([9])
    for piece in [1, Int.max] { #expect(try decode(file, piece: piece).bytes.digest == (first + second).digest) }
    #expect(failureClass(decoding: Array(file.dropLast())) == .zstdTruncated)
    #expect(failureClass(decoding: skippable([], announcing: 16 << 20) + file) == .zstdTruncated)
    #expect(failureClass(decoding: skippable([], announcing: 16 << 20 + 1) + file) == .limit)
    #expect(failureClass(decoding: skippable([], announcing: 0xffff_ffff) + file) == .limit)
  }

  @Test func `a zstd frame's claims are judged before it is decoded`() throws {
    let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]
    let rest = [UInt8](repeating: 0, count: 20)
    // Descriptor 0 has a window byte: exponent 17 is 2^27 bytes, a mantissa on top is more.
    #expect(failureClass(decoding: magic + [0, 17 << 3 | 1] + rest) == .zstdWindow)
    #expect(failureClass(decoding: magic + [0, 31 << 3] + rest) == .zstdWindow)
    #expect(failureClass(decoding: magic + [0, 17 << 3] + rest) != .zstdWindow)
    // Single segments have their content as window.
    #expect(failureClass(decoding: magic + [0xe0] + [0, 0, 0, 0, 0, 0, 0, 0x40] + rest) == .zstdWindow)
    // A small window with a claim of 2^62 bytes.
    #expect(failureClass(decoding: magic + [0xc0, 0] + [0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0]) == .limit)
    #expect(failureClass(decoding: magic + [0xc0, 0] + [UInt8](repeating: 0xff, count: 8) + [0, 0, 0]) == .limit)
    #expect(failureClass(decoding: magic + [0x01, 0, 77] + rest) == .zstdDictionary)
    #expect(failureClass(decoding: magic + [0x08, 0] + rest) == .zstdFormat)
  }

  @Test func `old and unknown formats are not taken for streams`() throws {
    // Magics of zstd 0.7, lz4, xz, bzip2, compress.
    for magic: [UInt8] in [
      [0x27, 0xb5, 0x2f, 0xfd], [0x04, 0x22, 0x4d, 0x18], [0xfd, 0x37, 0x7a, 0x58], Array("BZh9".utf8),
      [0x1f, 0x9d, 0x90, 0],
    ] {
      #expect(Compression.detect(firstBytes: magic) == .none)
    }
    #expect(failureClass(decoding: try encode(first, .zstd) + [0x27, 0xb5, 0x2f, 0xfd, 0, 0]) == .trailingBytes)
  }

  @Test func `names tell by their last letters`() {
    #expect(Compression.of(fileName: "a.nii.gz") == .gzip)
    #expect(Compression.of(fileName: "A.NII.GZ") == .gzip)
    #expect(Compression.of(fileName: "a.nii.zst") == .zstd)
    #expect(Compression.of(fileName: "a.gz.nii") == .none)
    #expect(Compression.of(fileName: "gz") == .none)
  }
}
