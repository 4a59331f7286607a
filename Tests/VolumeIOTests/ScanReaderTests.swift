import ByteStreams
import Glibc
import Parallel
import Testing
import VolumeIO
import Volumes

@Suite struct ScanReaderTests {
  private let folder: ScanFolder
  private let good = HeaderBuilder()
  private let goodPair = HeaderBuilder(form: .pair)
  private let voxels = [UInt8](repeating: 7, count: 48)

  init() throws { folder = try ScanFolder() }

  private func refusal(_ name: String, _ leniencies: Set<Leniency> = []) -> FailureClass? {
    failure { () throws(ScanFailure) in try folder.reader(name, leniencies).readAll() }?.failureClass
  }

  /// The bytes compressed by our own sink; readers of other makers are the business of ByteStreams' tests.
  private func compressed(_ bytes: [UInt8], _ compression: Compression) throws -> [UInt8] {
    let below = MemorySink()
    let sink = try compression.sink(into: below, level: 1, workers: Workers(count: 1), size: nil)
    try sink.write(bytes)
    try sink.finish()
    return below.bytes
  }

  @Test(arguments: [("a.nii", Compression.none), ("a.nii.gz", .gzip), ("a.nii.zst", .zstd), ("a.NII.GZ", .gzip)])
  func `a single file gives its voxels and digests`(_ name: String, _ compression: Compression) throws {
    let stored = try compressed(good.bytes, compression)
    try folder.write(name, stored)
    let reader = try folder.reader(name)
    let (read, digests) = try reader.readAll()
    #expect(read == voxels)
    #expect(reader.compression == compression)
    #expect(reader.findings == [])
    #expect(digests.files.map(\.part) == [.singleFile])
    #expect(digests.files.map(\.sha256) == [SHA256.digest(of: stored)])
    #expect(digests.files.map(\.bytes) == [stored.count])
    #expect((digests.voxels.sha256, digests.voxels.bytes) == (SHA256.digest(of: voxels), 48))
  }

  @Test(arguments: ["a.hdr", "a.img"]) func `a pair is read by either name`(_ name: String) throws {
    try folder.write("a.hdr", goodPair.bytes)
    try folder.write("a.img", voxels)
    let (read, digests) = try folder.reader(name).readAll()
    #expect(read == voxels)
    #expect(digests.files.map(\.part) == [.header, .image])
    #expect(digests.files.map(\.sha256) == [SHA256.digest(of: goodPair.bytes), SHA256.digest(of: voxels)])
  }

  @Test(arguments: ["a.hdr", "a.img"]) func `a pair of which a file is replaced while it is read is no scan`(
    _ replaced: String
  ) throws {
    try folder.write("a.hdr", goodPair.bytes)
    try folder.write("a.img", voxels)
    let reader = try folder.reader("a.hdr")
    try folder.write("new", replaced == "a.hdr" ? goodPair.bytes : voxels)
    #expect(rename("\(folder.url.path)/new", "\(folder.url.path)/\(replaced)") == 0)
    let failure = failure { () throws(ScanFailure) in try reader.readAll() }
    #expect(failure?.failureClass == .changedWhileRead, "\(failure?.description ?? "accepted")")
  }

  @Test func `the files of a pair may be compressed and shifted`() throws {
    var shifted = goodPair
    shifted.setOffset(32)
    try folder.write("A.HDR", shifted.bytes)
    try folder.write("A.IMG.GZ", compressed([UInt8](repeating: 1, count: 32) + voxels, .gzip))
    #expect(try folder.reader("A.HDR").readAll().voxels == voxels)
  }

  @Test func `f03, f04: a file that is too short is refused before the voxels are asked for`() throws {
    try folder.write("f03.nii", Array(good.bytes.prefix(352)))
    try folder.write("f04.nii", good.bytes.dropLast())
    var huge = good
    huge.set("dim", [2, 32767, 32767, 1, 1, 1, 1, 1])
    huge.set("datatype", 2)
    huge.set("bitpix", 8)
    huge.tail = Array(repeating: 0, count: 244)
    try folder.write("h10.nii", huge.bytes)
    for name in ["f03.nii", "f04.nii", "h10.nii"] {
      let opening = failure { () throws(ScanFailure) in try folder.reader(name) }
      #expect(opening?.failureClass == .truncated, "\(name)")
    }
    let sentence = failure { () throws(ScanFailure) in try folder.reader("h10.nii") }?.description
    #expect(
      sentence == "E_TRUNCATED: the file is too short: 592 bytes, expected 1073676641 for 32767×32767 uint8")
  }

  @Test func `a compressed file that is too short is refused where it ends`() throws {
    try folder.write("a.nii.gz", compressed(good.bytes.dropLast(), .gzip))
    #expect(refusal("a.nii.gz") == .truncated)
  }

  @Test func `h24: an offset that leaves too little`() throws {
    var odd = good
    odd.setOffset(353)
    try folder.write("a.nii", odd.bytes)
    #expect(refusal("a.nii") == .truncated)
  }

  @Test func `f05: zeros after the voxels are a finding, other bytes a refusal unless allowed`() throws {
    try folder.write("zeros.nii", good.bytes + [0, 0, 0])
    let zeros = try folder.reader("zeros.nii")
    _ = try zeros.readAll()
    #expect(zeros.findings.map(\.code) == ["trailing-zeros"])
    try folder.write("other.nii", good.bytes + [0, 1])
    #expect(refusal("other.nii") == .trailingBytes)
    let allowed = try folder.reader("other.nii", [.trailingBytes])
    #expect(try allowed.readAll().voxels == voxels)
    #expect(allowed.findings.map(\.code) == ["trailing-bytes"])
  }

  @Test func `g06, g07: content that the name does not announce is refused unless allowed`() throws {
    try folder.write("plain.nii.gz", good.bytes)
    try folder.write("packed.nii", compressed(good.bytes, .gzip))
    for name in ["plain.nii.gz", "packed.nii"] {
      #expect(refusal(name) == .formatMismatch)
      let allowed = try folder.reader(name, [.byContent])
      #expect(try allowed.readAll().voxels == voxels)
      #expect(allowed.findings.map(\.code) == ["format-by-content"])
    }
  }

  @Test func `g08: a bomb is refused soon after what the header asks for`() throws {
    let bomb = try compressed(good.bytes + [UInt8](repeating: 0, count: 64 << 20), .gzip)
    try folder.write("bomb.nii.gz", bomb)
    #expect(refusal("bomb.nii.gz", [.trailingBytes]) == .limit)
    try folder.write("bomb.hdr.gz", compressed(goodPair.bytes + [UInt8](repeating: 0, count: 64 << 20), .gzip))
    try folder.write("bomb.img", voxels)
    #expect(refusal("bomb.hdr.gz", [.trailingBytes]) == .limit)
  }

  @Test func `p02, p03, p08: a pair needs exactly one of each`() throws {
    try folder.write("p02.hdr", goodPair.bytes)
    #expect(refusal("p02.hdr") == .pairMissing)
    try folder.write("p03.img", voxels)
    #expect(refusal("p03.img") == .pairMissing)
    try folder.write("p08.hdr", goodPair.bytes)
    try folder.write("p08.img", voxels)
    try folder.write("p08.img.gz", compressed(voxels, .gzip))
    #expect(refusal("p08.hdr") == .pairAmbiguous)
    // The image is named, so there is no choice to make.
    #expect(refusal("p08.img") == nil)
  }

  @Test func `p04, p07: a pair's image must be as long as the header says`() throws {
    try folder.write("p04.hdr", goodPair.bytes)
    try folder.write("p04.img", voxels.dropLast())
    #expect(refusal("p04.hdr") == .truncated)
    try folder.write("p07.hdr", goodPair.bytes)
    try folder.write("p07.img", voxels + [1])
    #expect(refusal("p07.hdr") == .trailingBytes)
    var shifted = goodPair
    shifted.setOffset(4096)
    try folder.write("p09.hdr", shifted.bytes)
    try folder.write("p09.img", voxels)
    #expect(refusal("p09.hdr") == .headerOffset)
  }

  @Test func `p06: a single file's header in a pair is refused`() throws {
    try folder.write("p06.hdr", good.bytes)
    try folder.write("p06.img", voxels)
    #expect(refusal("p06.hdr") == .headerMagic)
  }

  @Test func `s01, s02: the named file is read and no other`() throws {
    var other = good
    other.tail = [0, 0, 0, 0] + Array(repeating: 0xAA, count: 48)
    try folder.write("s.nii.gz", compressed(good.bytes, .gzip))
    try folder.write("s.nii", other.bytes)
    #expect(try folder.reader("s.nii.gz").readAll().voxels == voxels)
    try folder.write("only.hdr", goodPair.bytes)
    try folder.write("only.img", voxels)
    #expect(refusal("only.nii") == .cannotOpen)
  }

  @Test func `an ending that is no scan's is refused, an empty file too`() throws {
    try folder.write("a.png", good.bytes)
    #expect(refusal("a.png") == .unknownFormat)
    try folder.write("empty.nii", [])
    #expect(refusal("empty.nii") == .emptyFile)
  }

  @Test func `frames come one after another`() throws {
    var series = good
    series.set("dim", [5, 4, 3, 2, 2, 3, 1, 1])
    series.tail = [0, 0, 0, 0] + (0..<6).flatMap { [UInt8](repeating: $0, count: 48) }
    try folder.write("a.nii", series.bytes)
    let reader = try folder.reader("a.nii")
    #expect(reader.header.frames == 6)
    #expect(try reader.readAll().voxels == Array(series.tail.dropFirst(4)))
  }
}

@Suite struct ScanNameTests {
  @Test(arguments: [
    ("sub-01/anat/T1w.nii.gz", "sub-01/anat/T1w", ScanName.Part.singleFile, Compression.gzip),
    ("a.b.nii", "a.b", .singleFile, .none), ("A.NII.ZST", "A", .singleFile, .zstd), ("x.hdr", "x", .header, .none),
    ("x.IMG.gz", "x", .image, .gzip),
  ]) func `a name is stem, part and compression`(
    _ path: String, _ stem: String, _ part: ScanName.Part, _ compression: Compression
  ) throws {
    let name = try #require(ScanName(path: path))
    #expect((name.stem, name.part, name.compression) == (stem, part, compression))
  }

  @Test(arguments: ["a.png", "a", "nii", ".nii", "sub/.nii.gz", "a.gz", "", "a.nii/b"])
  func `other names are none of a scan`(_ path: String) {
    #expect(ScanName(path: path) == nil)
  }

  @Test func `partners keep the capitals of the name`() {
    #expect(ScanName(path: "d/X.HDR")?.partnerPaths.prefix(3) == ["d/X.IMG", "d/X.IMG.GZ", "d/X.IMG.ZST"])
    #expect(ScanName(path: "d/x.img.gz")?.partnerPaths.prefix(3) == ["d/x.hdr", "d/x.hdr.gz", "d/x.hdr.zst"])
    #expect(ScanName(path: "d/x.nii")?.partnerPaths == [])
  }
}
