import ByteStreams
import Parallel
import SeededNumbers
import Testing
import VolumeIO
import Volumes

@Suite struct ScanWriterTests {
  private let folder: ScanFolder

  init() throws { folder = try ScanFolder() }

  /// A series large enough for several compression chunks, in frames of noise.
  private func series(_ version: NIfTIVersion) throws -> (input: ScanHeader, frames: [[UInt8]]) {
    var builder = HeaderBuilder(version, .bigEndian)
    builder.set("dim", [4, 70, 60, 50, 4, 1, 1, 1])
    builder.insertExtension(code: 6, data: Array(1...24))
    var generator = SeededNumbers(seed: 5)
    let frames = (0..<4).map { _ in (0..<70 * 60 * 50 * 4).map { _ in UInt8.random(in: 0...255, using: &generator) } }
    return (try builder.parse(), frames)
  }

  private func written(
    _ header: OutputHeader, _ frames: [[UInt8]], _ format: OutputFormat, level: Int = 1, threads: Int
  ) throws -> (bytes: [UInt8], digest: VoxelDigest) {
    let sink = MemorySink()
    let writer = try ScanWriter(
      header: header, format: format, level: level, workers: Workers(count: threads), into: sink)
    for frame in frames {
      try frame.withUnsafeBufferPointer { (raw) throws(ScanFailure) in
        try writer.writeFrame(UnsafeRawBufferPointer(raw))
      }
    }
    let digest = try writer.finish()
    return (sink.bytes, digest)
  }

  @Test(arguments: OutputFormat.allCases, [NIfTIVersion.one, .two])
  func `what is written is read back`(_ format: OutputFormat, _ version: NIfTIVersion) throws {
    let (input, frames) = try series(version)
    let header = try OutputHeader(from: input, voxelType: .float32)
    let (bytes, digest) = try written(header, frames, format, threads: 2)
    let name = "out.\(format.rawValue)"
    try folder.write(name, bytes)
    let reader = try folder.reader(name, threads: 2)
    let (voxels, digests) = try reader.readAll()
    #expect(voxels == Array(frames.joined()))
    #expect(digests.voxels == digest)
    let again = try folder.reader(name, threads: 1).readAll().digests
    #expect(again.voxels == digests.voxels && again.files.map(\.sha256) == digests.files.map(\.sha256))
    #expect(digest.sha256 == SHA256.digest(of: Array(frames.joined())))
    #expect(reader.header.dims == input.dims)
    #expect(reader.header.extensions == input.extensions)
    #expect(reader.findings == [])
  }

  @Test(arguments: OutputFormat.allCases) func `the bytes do not depend on threads`(_ format: OutputFormat) throws {
    let (input, frames) = try series(.one)
    let header = try OutputHeader(from: input, voxelType: .float32)
    // gzip at a level of zlib: ISA-L's do not promise their bytes, see `GzipSink`.
    let level = format == .niiGzip ? 4 : 1
    let single = try written(header, frames, format, level: level, threads: 1).bytes
    for threads in [2, 3, 4, 8] {
      #expect(try written(header, frames, format, level: level, threads: threads).bytes == single, "\(threads) threads")
    }
  }
}
