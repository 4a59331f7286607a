import ByteStreams
import Parallel
import Volumes

/// Reads one scan, a single file or a `.hdr`/`.img` pair, from the first byte to the last.
///
///     let reader = try ScanReader("sub-01_T1w.nii.gz", in: .beneath(root: folder, links: .withinRoot))
///     for _ in 0..<reader.header.frames { try reader.readFrame(into: raw) }
///     let digests = try reader.finish()
///
/// Nothing that was computed from the voxels may be published before `finish()` has returned: only then have all checksums
/// been compared and the file been found unchanged.
package final class ScanReader {
  package let header: ScanHeader
  private let image: ScanFile
  /// The `.hdr` of a pair, read to its end.
  private let headerFile: (file: ScanFile, digest: ScanDigests.File)?
  private let place: ScanPlace
  private let hash: VoxelHash
  private var voxelBytesRead = 0

  /// Opens the scan and reads its header; of the voxels nothing.
  ///
  /// - Parameters:
  ///   - path: the single file, or either file of a pair; relative to the place's root.
  ///   - leniencies: damage that the job lets pass.
  ///   - policy: what is done about odd fields that the voxels do not depend on.
  ///   - workers: with more than one lane file and voxels are hashed beside the reading, and gzip with our marks is
  ///     decompressed by all of them.
  /// - Throws: what the catalogue refuses, including a plain file that is too short for what its header announces.
  package init(
    _ path: String, in place: ScanPlace, leniencies: Set<Leniency> = [], headers policy: HeaderPolicy = .tolerant,
    workers: Workers = Workers(count: 1)
  ) throws(ScanFailure) {
    hash = VoxelHash(workers: workers)
    self.place = place
    let way = Way(place: place, leniencies: leniencies, policy: policy, workers: workers)
    let named = try Self.openNamed(path, way)
    let opened = try Self.open(named, way)
    (header, image, headerFile) = (opened.header, opened.image, opened.headerFile)
    try Self.checkLength(of: image, header)
    image.expect(header.voxelOffset + header.voxelBytes)
  }

  /// Everything odd so far; complete after `finish()`.
  package var findings: [Finding] { (headerFile?.file.findings ?? []) + header.findings + image.findings }

  /// Who may read and write the scan: all of its files.
  package var mode: UInt32 { image.mode & (headerFile?.file.mode ?? 0o777) }

  /// The most bytes of voxels that the file can hold, whatever its header says.
  package var mostVoxelBytes: Int { image.storedBytes.multipliedSaturating(by: compression.mostRatio) }

  /// How the voxels are compressed.
  package var compression: Compression { image.decoded.compression }

  /// The memory that reading the scan takes with so many lanes, besides the voxels.
  package func scratchBytes(workers: Workers) -> Int { image.decoded.scratchBytes(workers: workers) }

  /// Reads the next frame as it is stored.
  ///
  /// - Parameter raw: exactly `header.frameBytes`.
  /// - Throws: `E_TRUNCATED` when the voxels end early; what decompressing throws.
  package func readFrame(into raw: UnsafeMutableRawBufferPointer) throws(ScanFailure) {
    precondition(raw.count == header.frameBytes, "a frame has \(header.frameBytes) bytes")
    defer { settle() }
    for start in stride(from: 0, to: raw.count, by: Self.piece) {
      try readPiece(UnsafeMutableRawBufferPointer(rebasing: raw[start..<min(start + Self.piece, raw.count)]))
    }
  }

  /// Reads the next voxels as they are stored, frame after frame.
  ///
  /// - Parameters:
  ///   - raw: of any size; one piece of about a megabyte is best.
  ///   - pieces: so many of the last pieces may still be looked at when this returns; until they are settled, or as many
  ///     more have been read, whoever asked for them leaves them alone.
  /// - Throws: as `readFrame`.
  package func readVoxels(into raw: UnsafeMutableRawBufferPointer, leaving pieces: Int) throws(ScanFailure) {
    precondition(raw.count <= header.voxelBytes - voxelBytesRead, "no more voxels are left to read")
    try readPiece(raw)
    hash.wait(leaving: pieces)
    // Uncompressed voxels are the file's own bytes, which are hashed where they are, too.
    if compression == .none { image.decoded.settle(leaving: pieces) }
  }

  /// Reads all voxels, a piece at a time and keeping none, and finishes: for whoever wants to know whether the scan is sound.
  package func readToEnd() throws(ScanFailure) -> ScanDigests {
    let memory: MappedMemory
    do throws(OutOfMemory) {
      memory = try MappedMemory(count: Self.piece)
    } catch {
      throw ScanFailure(.memoryLimit, .read, "memory", expected: "\(error.bytes) bytes", found: "none")
    }
    defer { settle() }
    while voxelBytesRead < header.voxelBytes {
      let count = min(Self.piece, header.voxelBytes - voxelBytesRead)
      try readPiece(UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<count]))
      settle()
    }
    return try finish()
  }

  private func readPiece(_ piece: UnsafeMutableRawBufferPointer) throws(ScanFailure) {
    let got = try image.decoded.readFully(into: piece)
    voxelBytesRead += got
    guard got == piece.count else { throw Self.truncated(header, found: header.voxelOffset + voxelBytesRead) }
    hash.add(UnsafeRawBufferPointer(piece))
  }

  /// Returns when nobody looks any more at bytes that were read, the file's own included. To be called by whoever gives
  /// up before the end.
  package func settle() {
    hash.wait()
    image.decoded.settle()
  }

  /// Still in the cache when it is hashed, and long enough that handing it over costs nothing.
  private static let piece = 1 << 20

  /// Reads on to the end of the file and gives the digests. To be called once, after the last frame.
  ///
  /// - Throws: `E_TRAILING` for bytes after the voxels, checksum errors, `E_IN_CHANGED`.
  package func finish() throws(ScanFailure) -> ScanDigests {
    precondition(voxelBytesRead == header.voxelBytes, "frames are left to read")
    let voxelFile = try image.finish()
    if let headerFile {
      // Exporters replace the two one after the other: a header of one scan must not meet the voxels of another.
      try headerFile.file.requireInPlace(place)
      try image.requireInPlace(place)
    }
    let files = (headerFile.map { [$0.digest] } ?? []) + [voxelFile]
    return ScanDigests(files: files, voxels: hash.finalise())
  }

  private static func checkLength(of image: ScanFile, _ header: ScanHeader) throws(ScanFailure) {
    guard let length = image.knownByteCount, length < header.voxelOffset + header.voxelBytes else { return }
    guard length >= header.voxelOffset else {
      throw .header(
        .headerOffset, "vox_offset", expected: "an offset within the file's \(length) bytes",
        found: "\(header.voxelOffset)")
    }
    throw truncated(header, found: length)
  }

  private static func truncated(_ header: ScanHeader, found: Int) -> ScanFailure {
    let grid = header.dims.map(String.init).joined(separator: "×")
    return ScanFailure(
      .truncated, .read, "voxels",
      expected: "\(header.voxelOffset + header.voxelBytes) bytes for \(grid) \(header.voxelType.rawValue)",
      found: "\(found) bytes")
  }
}

extension ScanReader {
  /// How files are opened.
  private struct Way {
    let place: ScanPlace
    let leniencies: Set<Leniency>
    let policy: HeaderPolicy
    let workers: Workers

    func header(of file: ScanFile, form: HeaderForm) throws(ScanFailure) -> ScanHeader {
      try ScanHeader.parse(from: file.decoded, form: form, leniencies: leniencies, policy: policy)
    }
  }

  private typealias Opened = (
    header: ScanHeader, image: ScanFile, headerFile: (file: ScanFile, digest: ScanDigests.File)?
  )

  private static func openNamed(_ path: String, _ way: Way) throws(ScanFailure) -> ScanFile {
    guard let name = ScanName(path: path) else {
      throw ScanFailure(
        .unknownFormat, .open, "file name", expected: ".nii, .nii.gz, .nii.zst, or .hdr with .img",
        found: "another ending")
    }
    let file = try ScanFile(name, way.place.open(path, workers: way.workers), way.leniencies, workers: way.workers)
    // Before another file is looked for.
    if name.part == .header, Signature.announced(file.decoded.firstBytes) == nil, file.decoded.compression == .none,
      let foreign = ForeignContent(file.decoded.firstBytes)
    {
      throw foreign.failure(.open)
    }
    return file
  }

  private static func open(_ named: ScanFile, _ way: Way) throws(ScanFailure) -> Opened {
    switch named.name.part {
    case .singleFile:
      let header = try way.header(of: named, form: .singleFile)
      return (header, named, nil)
    case .header: return try openPair(named, partner(of: named, way), way)
    case .image: return try openPair(partner(of: named, way), named, way)
    }
  }

  private static func openPair(
    _ headerFile: ScanFile, _ image: ScanFile, _ way: Way
  ) throws(ScanFailure) -> Opened {
    let header = try way.header(of: headerFile, form: .pair)
    headerFile.expect(headerFile.decoded.position)
    let digest = try headerFile.finish()
    var stream = HeaderStream(image.decoded)
    let (skipped, _) = try stream.skip(header.voxelOffset)
    guard skipped == header.voxelOffset else {
      throw .header(
        .headerOffset, "vox_offset", expected: "an offset within the image's \(skipped) bytes",
        found: "\(header.voxelOffset)")
    }
    return (header, image, (headerFile, digest))
  }

  /// The other file of a pair, of which there must be exactly one.
  private static func partner(of named: ScanFile, _ way: Way) throws(ScanFailure) -> ScanFile {
    let found = way.place.partners(of: named.name, workers: way.workers)
    let wanted = named.name.part == .header ? ".img" : ".hdr"
    guard let only = found.first else {
      throw ScanFailure(.pairMissing, .open, "pair", expected: "the \(wanted) beside the file", found: "none")
    }
    guard found.count == 1 else {
      throw ScanFailure(
        .pairAmbiguous, .open, "pair", expected: "one \(wanted) beside the file",
        found: "\(found.count), compressed in different ways")
    }
    return try ScanFile(only.name, only.file.get(), way.leniencies, workers: way.workers)
  }
}
