import ByteStreams
import Foundation
import Jobs
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
    excluding: String? = nil
  ) -> (scans: [FoundScan], unsearched: [UnsearchedFolder]) {
    ScanFinder.scans(
      beneath: root.appending(path: folder).path, links: links,
      selection: ScanSelection(include: include, exclude: exclude),
      excluding: excluding.flatMap { FolderIdentity(path: root.appending(path: $0).path) })
  }
}

@Suite struct ScanFinderTests {
  @Test func `scans of every ending are found, in the order of their names' bytes, folders in their place`() throws {
    let tree = try Tree(["z.nii", "B.NII.GZ", "b/1.nii.zst", "a.nii.gz", "notes.txt", "b/readme", "é.nii"])
    #expect(tree.scans().scans.map(\.name) == ["B.NII.GZ", "a.nii.gz", "b/1.nii.zst", "z.nii", "é.nii"])
  }

  @Test func `a pair is one scan, known by its header, and an image alone is a failure`() throws {
    let tree = try Tree(["a.hdr", "a.img", "b.hdr.gz", "b.img.gz", "lonely.img", "c.hdr"])
    let scans = tree.scans().scans
    #expect(scans.map(\.name) == ["a.hdr", "b.hdr.gz", "c.hdr", "lonely.img"])
    #expect(scans.map(\.problem?.failureClass) == [nil, nil, nil, .pairMissing])
  }

  @Test func `a pattern for images finds the pair once`() throws {
    let tree = try Tree(["a.hdr", "a.img"])
    #expect(tree.scans(include: ["*.img"]).scans.map(\.name) == ["a.hdr"])
    #expect(tree.scans(include: ["*.img", "*.hdr"]).scans.map(\.name) == ["a.hdr"])
  }

  @Test func `hidden names are passed over unless a pattern names one`() throws {
    let tree = try Tree([".git/annex/x.nii", ".hidden.nii", "a.nii", ".nii"])
    #expect(tree.scans().scans.map(\.name) == ["a.nii"])
    #expect(tree.scans(include: ["**/*.nii"]).scans.map(\.name) == ["a.nii"])
    #expect(tree.scans(include: [".git/**/*.nii"]).scans.map(\.name) == [".git/annex/x.nii"])
  }

  @Test func `excluding wins over including`() throws {
    let tree = try Tree(["a/1.nii", "a/2.nii", "b/1.nii"])
    #expect(tree.scans(include: ["a/*.nii"], exclude: ["**/2.nii"]).scans.map(\.name) == ["a/1.nii"])
  }

  @Test func `the excluded folder is not searched, however it is reached`() throws {
    let tree = try Tree(["a.nii", "out/b.nii"], links: ["again": "out"])
    #expect(tree.scans(excluding: "out").scans.map(\.name) == ["a.nii"])
    #expect(tree.scans(excluding: "again").scans.map(\.name) == ["a.nii"])
  }

  @Test func `loops of links end`() throws {
    let tree = try Tree(["a/b/c.nii"], links: ["a/b/up": "..", "a/self": ".", "a/b/root": "../.."])
    #expect(tree.scans(links: .follow).scans.map(\.name) == ["a/b/c.nii"])
  }

  @Test func `links that stay within the root are opened by where they lead`() throws {
    let tree = try Tree(["in/.store/x.nii", "y.nii"], links: ["in/a.nii": ".store/x.nii", "in/b.nii": "../y.nii"])
    let scans = tree.scans(in: "in").scans
    #expect(scans.map(\.name) == ["a.nii", "b.nii"])
    #expect(scans.map(\.file) == [".store/x.nii", "b.nii"])
    #expect(scans.map(\.problem?.failureClass) == [nil, .symbolicLink])
    // The other policies are the opener's to enforce.
    for links in [LinkPolicy.follow, .refuse] {
      #expect(tree.scans(in: "in", links: links).scans.map(\.file) == ["a.nii", "b.nii"])
    }
  }

  @Test func `an absolute link within the root is within the root`() throws {
    let tree = try Tree(["in/.store/x.nii"])
    try FileManager.default.createSymbolicLink(
      atPath: tree.root.appending(path: "in/a.nii").path,
      withDestinationPath: tree.root.appending(path: "in/.store/x.nii").path)
    #expect(tree.scans(in: "in").scans.map(\.problem) == [nil])
  }

  @Test func `a root's own name is no prefix of its neighbour's`() throws {
    let tree = try Tree(["in-secret/x.nii"], links: ["in/a.nii": "../in-secret/x.nii"])
    #expect(tree.scans(in: "in").scans.map(\.problem?.failureClass) == [.symbolicLink])
  }

  @Test func `folders behind links that are not followed are told`() throws {
    let tree = try Tree(["elsewhere/x.nii", "in/.store/y.nii"], links: ["in/out": "../elsewhere", "in/own": ".store"])
    #expect(tree.scans(in: "in").unsearched.map(\.path) == ["out"])
    #expect(tree.scans(in: "in").scans.map(\.name) == ["own/y.nii"])
    #expect(tree.scans(in: "in", links: .refuse).unsearched.map(\.path) == ["out", "own"])
    #expect(tree.scans(in: "in", links: .follow).scans.map(\.name) == ["out/x.nii", "own/y.nii"])
  }

  @Test func `a root that is not there is told`() throws {
    #expect(try Tree([]).scans(in: "nowhere").unsearched.map(\.path) == ["."])
  }
}
