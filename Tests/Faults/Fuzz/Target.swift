import ByteStreams
import DurableIO
import Filters
import Jobs
import Provenance
import SimulatedDisk
import StrictJSON
import VolumeIO
import Volumes

/// A reader of bytes from outside, and the laws that must hold whatever they are; not crashing is one of them.
enum Target: String, CaseIterable, Sendable {
  case header, `extension`, gzip, zstd, json, job, kernel, log, glob

  func run(_ bytes: [UInt8]) {
    switch self {
    case .header: Self.header(bytes)
    case .extension: Self.header(Self.headerBefore(bytes) + bytes)
    case .gzip, .zstd: Self.stream(bytes)
    case .json: Self.json(bytes)
    case .job: Self.job(bytes)
    case .kernel: _ = try? KernelFilter.decode(bytes)
    case .log: Self.log(bytes)
    case .glob: Self.glob(bytes)
    }
  }
}

// MARK: - Scans

extension Target {
  /// libnifti is asked for its opinion of every header that we accept, and the two must agree.
  private static func header(_ bytes: [UInt8]) {
    do throws(ScanFailure) {
      let header = try ScanHeader.parse(
        from: MemorySource(bytes), form: .singleFile, leniencies: Set(Leniency.allCases))
      guard header.dims.reduce(1, { $0.multipliedSaturating(by: $1) }) * header.voxelType.bytes == header.voxelBytes,
        header.affine.rows.joined().allSatisfy(\.isFinite), header.scaling.slope.isFinite
      else { complain("a header was accepted that does not hold together") }
      let output = try OutputHeader(from: header, voxelType: .float32)
      _ = try ScanHeader.parse(
        from: MemorySource(output.bytes), form: .singleFile, leniencies: Set(Leniency.allCases))
    } catch {
      if error.failureClass == .libraryDisagrees { complain("\(error)") }
    }
  }

  /// A sound NIfTI-1 header of one voxel, whose voxels begin after so many bytes of extensions.
  private static func headerBefore(_ extensions: [UInt8]) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 352)
    func put<Value>(_ value: Value, at place: Int) {
      withUnsafeBytes(of: value) { header.replaceSubrange(place..<place + $0.count, with: $0) }
    }
    put(Int32(348), at: 0)
    for place in 0..<8 { put(Int16(1), at: 40 + 2 * place) }
    put(Int16(2), at: 70)
    put(Int16(8), at: 72)
    for place in 0..<8 { put(Float(1), at: 76 + 4 * place) }
    put(Float(352 + extensions.count / 16 * 16), at: 108)
    header.replaceSubrange(344..<347, with: Array("n+1".utf8))
    header[348] = 1
    return header
  }

  /// No stream gives more than it was allowed, and no failure changes its mind.
  private static func stream(_ bytes: [UInt8]) {
    let limit = 1 << 20
    var total = 0
    do throws(ScanFailure) {
      let source = try DecodedSource(MemorySource(bytes))
      source.byteLimit = limit
      var piece = [UInt8](repeating: 0, count: 1 << 14)
      while true {
        let count = try piece.withUnsafeMutableBufferPointer { (buffer) throws(ScanFailure) in
          try source.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        if count == 0 { break }
        total += count
        guard total <= limit + piece.count || source.compression == .none else { complain("more than was allowed") }
      }
      try source.finish()
    } catch {}
  }
}

// MARK: - Text

extension Target {
  /// What was read and is written again reads as the same.
  private static func json(_ bytes: [UInt8]) {
    guard let node = try? JSONReader.parse(bytes) else { return }
    let text = JSONOutput(node).encoded()
    guard let again = try? JSONReader.parse(Array(text.utf8)), JSONOutput(again).encoded() == text else {
      complain("JSON that was read cannot be written and read again: \(text)")
    }
  }

  private static func job(_ bytes: [UInt8]) {
    do throws(JobRefusal) {
      let surroundings = FilterSurroundings { _ throws(UnreadableFile) in
        .json(Array(#"{"weights": [1, 2, 1]}"#.utf8))
      }
      _ = try JobSpec.decode(bytes, fileName: "job.json", in: surroundings)
    } catch {
      if error.sentences.isEmpty { complain("a job was refused without a word") }
    }
  }

  /// The first bytes are the log, what follows a NUL is its head.
  private static func log(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
    let disk = CrashDisk()
    guard (try? OutputFolder(path: "/out", disk: disk)) != nil else { complain("the disk in memory fails") }
    disk.tamper("/out/provenance.jsonl", with: parts[0])
    if parts.count > 1 { disk.tamper("/out/provenance.head", with: parts[1]) }
    _ = try? LogVerifier.verify(logPath: "/out/provenance.jsonl", disk: disk)
  }

  /// The first line is a pattern, the second a path.
  private static func glob(_ bytes: [UInt8]) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", maxSplits: 1)
    guard lines.count == 2, Glob.problem(of: String(lines[0]), shownAs: "pattern") == nil else { return }
    _ = Glob(String(lines[0])).matches(String(lines[1].prefix(4095)))
  }
}

/// Bytes in memory.
private final class MemorySource: ByteSource {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int {
    let count = min(buffer.count, bytes.count - position)
    buffer.copyBytes(from: bytes[position..<position + count])
    position += count
    return count
  }
}
