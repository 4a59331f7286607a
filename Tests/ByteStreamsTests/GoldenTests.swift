import ByteStreams
import Foundation
import Testing
import Volumes

/// Files written by other programs (Golden/make.py), and other programs reading ours.
@Suite struct GoldenTests {
  /// The payload of make.py.
  private let payload = (0..<3000).map { UInt8($0 * $0 / 32 % 23) }

  private func golden(_ name: String) throws -> [UInt8] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    return [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  @Test(arguments: ["python.gz", "fields.gz", "stored.gz", "members.gz", "size.zst", "nosize.zst"])
  func `other programs' files decode`(_ name: String) throws {
    for piece in [1, 5, Int.max] {
      let decoded = try decode(golden(name), piece: piece)
      #expect(decoded.bytes.digest == payload.digest)
      #expect(decoded.source.findings.isEmpty)
      #expect(decoded.source.compression == Compression.of(fileName: name))
    }
  }

  @Test func `a frame without a checksum is a finding`() throws {
    let decoded = try decode(golden("nocheck.zst"))
    #expect(decoded.bytes.digest == payload.digest)
    #expect(decoded.source.findings == [Finding("zstd-no-checksum", "1 of 1 zstd frames have no checksum")])
  }

  @Test func `a window beyond the limit is refused`() throws {
    #expect(failureClass(decoding: try golden("window28.zst")) == .zstdWindow)
  }

  @Test func `every optional gzip field may be cut, and its checksum is checked`() throws {
    let file = try golden("fields.gz")
    for count in 1..<40 { #expect(failureClass(decoding: Array(file[..<count])) == .gzipTruncated) }
    var damaged = file
    // The name begins after 10 fixed bytes and 8 of the extra field.
    damaged[18] ^= 1
    #expect(failureClass(decoding: damaged) == .gzipChecksum)
  }

  private static let python = OtherProgram("python3")
  private static let zstd = OtherProgram("zstd")

  /// Inflates one member and fails when anything follows it, as browsers do.
  private static let inflateOneMember = """
    import sys, zlib
    inflater = zlib.decompressobj(31)
    data = inflater.decompress(sys.stdin.buffer.read()) + inflater.flush()
    assert inflater.eof and not inflater.unused_data
    sys.stdout.buffer.write(data)
    """

  @Test(.enabled(if: python != nil, "python3 is absent"), arguments: 1...9)
  func `python reads our gzip as one member`(level: Int) throws {
    let python = try #require(GoldenTests.python)
    let chunk = GzipSink.chunk
    for count in [0, 1, 1000, chunk - 1, chunk, chunk + 1, 2 * chunk, 2_500_000] {
      let bytes = count == 2 * chunk ? Sample.noise(count) : Sample.scanLike(count)
      let file = try encode(bytes, .gzip, level: level, workers: 3)
      #expect(try python.run(["-c", GoldenTests.inflateOneMember], input: file).digest == bytes.digest)
    }
  }

  @Test(.enabled(if: zstd != nil, "zstd is absent"), arguments: [1, 3, 19])
  func `zstd reads our frames`(level: Int) throws {
    let zstd = try #require(GoldenTests.zstd)
    for count in [0, 1, 1000, 2_500_000] {
      let bytes = Sample.scanLike(count)
      let file = try encode(bytes, .zstd, level: level, workers: 3)
      #expect(try zstd.run(["-dcq"], input: file).digest == bytes.digest)
    }
  }

  @Test func `our gzip says no name and no time`() throws {
    let file = try encode(payload, .gzip)
    #expect(Array(file.prefix(10)) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
  }
}

/// A program of the machine that a test asks for its opinion.
private struct OtherProgram {
  private let path: String

  init?(_ name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let candidates = folders.map { "\($0)/\(name)" }
    guard let path = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else { return nil }
    self.path = path
  }

  /// Standard output, when the program says that all went well.
  func run(_ arguments: [String], input: [UInt8]) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    try folder.write(input, to: "input")
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle(forReadingAtPath: "\(folder.path)/input")
    process.standardOutput = output
    try process.run()
    let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return bytes
  }
}
