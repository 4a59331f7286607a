import ByteStreams
import Foundation
import Jobs
import Parallel
import Testing

/// A folder tree of empty files, gone with the value: finding looks at names only.
private final class Tree {
  let root = FileManager.default.temporaryDirectory.appending(path: "jobs-tree-\(UUID().uuidString)")

  init(_ files: [String], links: [String: String] = [:]) throws {
    for file in files {
      try makeFolder(of: file)
      try Data().write(to: root.appending(path: file))
    }
    for (link, target) in links {
      try makeFolder(of: link)
      try FileManager.default.createSymbolicLink(atPath: root.appending(path: link).path, withDestinationPath: target)
    }
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  private func makeFolder(of file: String) throws {
    let folder = root.appending(path: file).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func scans(
    in folder: String = "", include: [String] = [], exclude: [String] = [], links: LinkPolicy = .withinRoot,
    excluding: String? = nil, cancellation: Cancellation = Cancellation()
  ) throws -> FoundScans {
    try ScanFinder.scans(
      beneath: root.appending(path: folder).path, links: links,
      selection: ScanSelection(include: include, exclude: exclude),
      excluding: excluding.flatMap { FolderIdentity(path: root.appending(path: $0).path) }, cancellation: cancellation)
  }
}

@Suite struct ScanFinderTests {
  @Test func `scans of every ending are found, in the order of their names' bytes, folders in their place`() throws {
    let tree = try Tree(["z.nii", "B.NII.GZ", "b/1.nii.zst", "a.nii.gz", "notes.txt", "b/readme", "é.nii"])
    #expect(try tree.scans().scans.map(\.name) == ["B.NII.GZ", "a.nii.gz", "b/1.nii.zst", "z.nii", "é.nii"])
  }

  @Test func `a pair is one scan, known by its header, and an image alone is a failure`() throws {
    let tree = try Tree(["a.hdr", "a.img", "b.hdr.gz", "b.img.gz", "lonely.img", "c.hdr"])
    let scans = try tree.scans().scans
    #expect(scans.map(\.name) == ["a.hdr", "b.hdr.gz", "c.hdr", "lonely.img"])
    #expect(scans.map(\.problem?.failureClass) == [nil, nil, nil, .pairMissing])
  }

  @Test func `a pattern for images finds the pair once`() throws {
    let tree = try Tree(["a.hdr", "a.img"])
    #expect(try tree.scans(include: ["*.img"]).scans.map(\.name) == ["a.hdr"])
    #expect(try tree.scans(include: ["*.img", "*.hdr"]).scans.map(\.name) == ["a.hdr"])
  }

  @Test func `hidden names are passed over unless a pattern names one`() throws {
    let tree = try Tree([".git/annex/x.nii", ".hidden.nii", "a.nii", ".nii"])
    #expect(try tree.scans().scans.map(\.name) == ["a.nii"])
    #expect(try tree.scans(include: ["**/*.nii"]).scans.map(\.name) == ["a.nii"])
    #expect(try tree.scans(include: [".git/**/*.nii"]).scans.map(\.name) == [".git/annex/x.nii"])
  }

  @Test func `excluding wins over including`() throws {
    let tree = try Tree(["a/1.nii", "a/2.nii", "b/1.nii"])
    #expect(try tree.scans(include: ["a/*.nii"], exclude: ["**/2.nii"]).scans.map(\.name) == ["a/1.nii"])
  }

  @Test func `the excluded folder is not searched, however it is reached`() throws {
    let tree = try Tree(["a.nii", "out/b.nii"], links: ["again": "out"])
    #expect(try tree.scans(excluding: "out").scans.map(\.name) == ["a.nii"])
    #expect(try tree.scans(excluding: "again").scans.map(\.name) == ["a.nii"])
  }

  @Test func `loops of links end`() throws {
    let tree = try Tree(["a/b/c.nii"], links: ["a/b/up": "..", "a/self": ".", "a/b/root": "../.."])
    #expect(try tree.scans(links: .follow).scans.map(\.name) == ["a/b/c.nii"])
  }

  @Test func `links that stay within the root are opened by where they lead`() throws {
    let tree = try Tree(["in/.store/x.nii", "y.nii"], links: ["in/a.nii": ".store/x.nii", "in/b.nii": "../y.nii"])
    let scans = try tree.scans(in: "in").scans
    #expect(scans.map(\.name) == ["a.nii", "b.nii"])
    #expect(scans.map(\.file) == ["a.nii", "b.nii"])
    #expect(scans.map(\.problem?.failureClass) == [nil, .symbolicLink])
    // The other policies are the opener's to enforce.
    for links in [LinkPolicy.follow, .refuse] {
      #expect(try tree.scans(in: "in", links: links).scans.map(\.file) == ["a.nii", "b.nii"])
    }
  }

  @Test func `an absolute link within the root is within the root`() throws {
    let tree = try Tree(["in/.store/x.nii"])
    try FileManager.default.createSymbolicLink(
      atPath: tree.root.appending(path: "in/a.nii").path,
      withDestinationPath: tree.root.appending(path: "in/.store/x.nii").path)
    #expect(try tree.scans(in: "in").scans.map(\.problem) == [nil])
  }

  @Test func `a root's own name is no prefix of its neighbour's`() throws {
    let tree = try Tree(["in-secret/x.nii"], links: ["in/a.nii": "../in-secret/x.nii"])
    #expect(try tree.scans(in: "in").scans.map(\.problem?.failureClass) == [.symbolicLink])
  }

  @Test
  func `folders behind links that are not followed fail like scans, unless no pattern could want what is in them`()
    throws
  {
    let tree = try Tree(["elsewhere/x.nii", "in/.store/y.nii"], links: ["in/out": "../elsewhere", "in/own": ".store"])
    func failed(_ found: FoundScans) -> [String] { found.scans.filter { $0.problem != nil }.map(\.name) }
    #expect(try failed(tree.scans(in: "in")) == ["out"])
    #expect(try tree.scans(in: "in").scans.map(\.name) == ["out", "own/y.nii"])
    #expect(try failed(tree.scans(in: "in", links: .refuse)) == ["out", "own"])
    #expect(try tree.scans(in: "in", links: .follow).scans.map(\.name) == ["out/x.nii", "own/y.nii"])
    #expect(try failed(tree.scans(in: "in", include: ["own/**"])) == [])
    #expect(try failed(tree.scans(in: "in", exclude: ["out/**"])) == [])
  }

  @Test func `a root that is not there is told`() throws {
    #expect(try Tree([]).scans(in: "nowhere").remarks.map(\.path) == ["."])
  }

  @Test(arguments: ["provenance.jsonl", ".medfilter/lock"])
  func `output trees are searched only when a pattern names them`(mark: String) throws {
    let tree = try Tree(["a.nii", "derivatives/x/\(mark)", "derivatives/x/sub/b.nii", "derivatives/raw/c.nii"])
    let found = try tree.scans()
    #expect(found.scans.map(\.name) == ["a.nii", "derivatives/raw/c.nii"])
    #expect(found.remarks.map(\.code) == ["output-tree"] && found.remarks.map(\.path) == ["derivatives/x"])
    for pattern in ["derivatives/x/**", "derivatives/x/sub/*.nii", "derivatives/x/sub/b.nii"] {
      #expect(try tree.scans(include: [pattern]).scans.map(\.name) == ["derivatives/x/sub/b.nii"])
    }
    for pattern in ["derivatives/**", "**/b.nii", "derivatives/*/sub/b.nii"] {
      #expect(try !tree.scans(include: [pattern]).scans.map(\.name).contains("derivatives/x/sub/b.nii"))
    }
    // What leads into the tree by name is its root here.
    #expect(try tree.scans(in: "derivatives/x").scans.map(\.name) == ["sub/b.nii"])
    #expect(try tree.scans(exclude: ["derivatives/**"]).remarks == [])
  }

  @Test func `pairs in mixed capitals and compressions are one scan each`() throws {
    let tree = try Tree(["a.hdr", "a.IMG", "B.HDR", "B.img", "c.Hdr", "c.Img", "d.hdr.gz", "d.IMG"])
    let scans = try tree.scans().scans
    #expect(scans.map(\.name) == ["B.HDR", "a.hdr", "c.Hdr", "d.hdr.gz"] && scans.allSatisfy { $0.problem == nil })
  }

  @Test func `whoever asked to stop is listened to`() throws {
    let tree = try Tree(["a/1.nii", "b/2.nii"])
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: JobRefusal.self) { try tree.scans(cancellation: cancellation) }
  }

  @Test(arguments: ["a.nii.bz2", "a.NII.xz", "a.img.bz2", "a.nii.lz4", "a.nii.Z"])
  func `NIfTI in another compression is a failed scan`(name: String) throws {
    let scans = try Tree([name, "b.nii"]).scans().scans
    #expect(scans.map(\.problem?.failureClass) == [.unknownFormat, nil])
    #expect(scans.first?.problem?.advice?.contains("gzip") == true)
  }

  @Test func `other formats are counted, and fail where a pattern asks for them`() throws {
    let tree = try Tree(["a.mgz", "b.mgz", "c.nrrd", "d.dcm", "e.nii", "notes.txt"])
    let all = try tree.scans()
    #expect(all.scans.map(\.name) == ["e.nii"] && all.remarks.map(\.code) == ["format-not-read", "format-not-read"])
    #expect(all.remarks[0].sentence.hasPrefix("2 files whose names end in .mgz are of a format"), "\(all.remarks)")
    let asked = try tree.scans(include: ["**/*.mgz", "*.dcm"])
    #expect(asked.scans.map(\.name) == ["a.mgz", "b.mgz", "d.dcm"])
    #expect(asked.scans.allSatisfy { $0.problem?.failureClass == .unknownFormat })
  }
}
