import ByteStreams
import Parallel
import Volumes

/// Where a scan's files are opened.
package enum ScanPlace: Sendable {
  /// Beneath an open folder, which links may or may not leave.
  case beneath(root: Int32, links: LinkPolicy)
  /// Anywhere: files that the job names one by one, such as masks.
  case anywhere

  func open(_ path: String, workers: Workers = Workers(count: 1)) throws(ScanFailure) -> FileSource {
    switch self {
    case .beneath(let root, let links): try FileSource(root: root, path: path, links: links, workers: workers)
    case .anywhere: try FileSource(path: path, workers: workers)
    }
  }
}

/// One file of a scan: its bytes, decompressed, and its digest once all of them were read.
final class ScanFile {
  let name: ScanName
  let decoded: DecodedSource
  private let file: FileSource
  private let nameFinding: Finding?

  /// Bytes that may follow what the header asks for before a compressed file counts as hostile.
  private static let trailingLimit = 1 << 20

  init(
    _ name: ScanName, _ file: FileSource, _ leniencies: Set<Leniency>, workers: Workers
  ) throws(ScanFailure) {
    self.name = name
    self.file = file
    decoded = try DecodedSource(file, acceptsTrailingBytes: leniencies.contains(.trailingBytes), workers: workers)
    nameFinding = try Self.compare(name.compression, decoded, leniencies)
  }

  /// Programs that go by the name would not read such a file, so it is likely to be damaged or renamed.
  private static func compare(
    _ named: Compression, _ decoded: DecodedSource, _ leniencies: Set<Leniency>
  ) throws(ScanFailure) -> Finding? {
    let found = decoded.compression
    if named == found { return nil }
    // What is no scan at all is told as what it is, before its name is judged.
    if found == .none, let foreign = ForeignContent(decoded.firstBytes) { throw foreign.failure(.open) }
    guard leniencies.contains(.byContent) else {
      throw .header(
        .formatMismatch, "compression", expected: "\(named.rawValue), as the file name says", found: found.rawValue,
        unless: .byContent)
    }
    return Finding(
      Leniency.byContent.findingCode, "compression is \(found.rawValue), the file name says \(named.rawValue)")
  }

  var findings: [Finding] { (nameFinding.map { [$0] } ?? []) + decoded.findings }

  /// The length of what is read, when that is known before reading: decompression may give anything.
  var knownByteCount: Int? { decoded.compression == .none ? file.byteCount : nil }

  /// Bytes of the file as it is on the disk.
  var storedBytes: Int { file.byteCount }

  /// Who may read and write it.
  var mode: UInt32 { file.mode }

  /// Makes sure that the file, which was read to its end, is still the one of its name.
  func requireInPlace(_ place: ScanPlace) throws(ScanFailure) {
    try file.requireUnchanged()
    try file.requireSame(as: place.open(name.path))
  }

  /// Says how many decoded bytes are wanted, so that a decompression bomb ends soon after them.
  func expect(_ bytes: Int) { decoded.byteLimit = bytes + Self.trailingLimit }

  /// Reads on to the end, checks every checksum, and that the file has not changed meanwhile.
  func finish() throws(ScanFailure) -> ScanDigests.File {
    try decoded.finish()
    let digest = try file.finish()
    return ScanDigests.File(name: name, sha256: digest, bytes: file.position, facts: file.lastingFacts)
  }
}

/// What was read, by digest.
package struct ScanDigests: Sendable, Hashable {
  package struct File: Sendable, Hashable {
    package let name: ScanName
    /// Of the file as it is, compressed or not.
    package let sha256: Digest
    package let bytes: Int
    /// By which it is known again without being read; nil when a change could go unseen.
    package let facts: FileFacts?

    package var part: ScanName.Part { name.part }
  }

  /// One file, or the `.hdr` and the `.img`.
  package let files: [File]
  package let voxels: VoxelDigest
}
