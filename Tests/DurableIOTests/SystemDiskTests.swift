import DurableIO
import Foundation
import SimulatedDisk
import Testing

/// What only a real file system has: links, pipes, permissions, locks between descriptors.
@Suite final class SystemDiskTests {
  let place: String

  init() throws {
    // The real path: the temporary folder itself may be reached through a link.
    let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
    place = "\(folder)/medfilter-tests-\(UInt64.random(in: .min ... .max))"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: place) }

  func content(_ path: String) -> [UInt8]? { FileManager.default.contents(atPath: "\(place)/\(path)").map(Array.init) }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: "\(place)/\(name)", withDestinationPath: target)
  }

  func code(_ body: () throws -> Void) -> Int32? {
    do {
      try body()
      return nil
    } catch {
      return (error as? DurableFailure)?.code
    }
  }

  @Test(arguments: ["out", "out/", "new/deep/out//"]) func `a root is made with all above it`(path: String) throws {
    let folder = try OutputFolder(path: "\(place)/\(path)")
    try folder.publish(voxels(1), as: "a/b/x.nii", replacing: false)
    let root = path.split(separator: "/").joined(separator: "/")
    #expect(content("\(root)/a/b/x.nii") == voxels(1))
    let left = try FileManager.default.subpathsOfDirectory(atPath: "\(place)/\(root)").sorted()
    #expect(left == [".medfilter", "a", "a/b", "a/b/x.nii"])
  }

  @Test func `final files have the mode that the user's mask leaves`() throws {
    try OutputFolder(path: "\(place)/out").publish(voxels(1), as: "x.nii", replacing: false)
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(place)/out/x.nii")
    let mask = SystemDisk().creationMask
    #expect((attributes[.posixPermissions] as? Int) == Int(0o666 & ~mask))
  }

  @Test(arguments: ["link", "link/"]) func `a root that is a link is refused`(name: String) throws {
    _ = try OutputFolder(path: "\(place)/out")
    try link("link", to: "out")
    #expect(code { _ = try OutputFolder(path: "\(place)/\(name)") } == ELOOP)
  }

  /// More than one buffer of the system's, so that entries lie at its very end: under the address sanitizer this shows
  /// whether more is read than an entry has.
  @Test func `a folder of many files is listed whole`() throws {
    let names = (0..<2000).map { "\(String(repeating: "n", count: $0 % 23))\($0).nii" }
    for name in names { try Data().write(to: URL(filePath: "\(place)/\(name)")) }
    #expect(try Set(OpenFolder(followingLinks: place).names()) == Set(names))
  }

  @Test func `links above the root are the user's business`() throws {
    _ = try OutputFolder(path: "\(place)/real/deep")
    try link("link", to: "real")
    try OutputFolder(path: "\(place)/link/deep/out").publish(voxels(1), as: "x.nii", replacing: false)
    #expect(content("real/deep/out/x.nii") == voxels(1))
  }

  @Test func `a root that is a file or lies in one is refused`() throws {
    try Data([1]).write(to: URL(filePath: "\(place)/file"))
    #expect(code { _ = try OutputFolder(path: "\(place)/file") } == ENOTDIR)
    #expect(code { _ = try OutputFolder(path: "\(place)/file/out") } == ENOTDIR)
    #expect(code { _ = try OutputFolder(path: "") } == EINVAL)
  }

  @Test func `a root that cannot be written to is refused`() throws {
    // Even the super-user makes no folders there.
    #expect(code { _ = try OutputFolder(path: "/proc/medfilter-out") } != nil)
    #expect(code { _ = try OutputFolder(path: "/proc") } != nil)
  }

  @Test func `links inside the tree lead nowhere`() throws {
    let folder = try OutputFolder(path: "\(place)/out")
    try FileManager.default.createDirectory(atPath: "\(place)/other", withIntermediateDirectories: false)
    try link("out/sub-01", to: "../other")
    let failure = #expect(throws: DurableFailure.self) { try folder.pendingFile(for: "sub-01/x.nii") }
    #expect(failure?.isEscape == true)
    #expect(failure?.description == "cannot open the folder sub-01: is a symbolic link")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(place)/other").isEmpty)
  }

  @Test func `a link under the final name is not followed`() throws {
    let folder = try OutputFolder(path: "\(place)/out")
    try Data([7]).write(to: URL(filePath: "\(place)/precious"))
    try link("out/x.nii", to: "../precious")
    #expect(code { try folder.publish(voxels(1), as: "x.nii", replacing: false) } == EEXIST)
    try folder.publish(voxels(1), as: "x.nii", replacing: true)
    #expect(content("precious") == [7])
    #expect(content("out/x.nii") == voxels(1))
  }

  @Test func `a file gets a second name, but never another's`() throws {
    // What stands in for a rename that must not replace, on file systems that have none.
    let folder = try OutputFolder(path: "\(place)/out")
    try folder.publish(voxels(1), as: "x.nii", replacing: false)
    try folder.publish(voxels(2), as: "taken.nii", replacing: false)
    let disk = SystemDisk()
    let root = try disk.open("\(place)/out", in: nil, for: .folder)
    try disk.link("x.nii", to: "second.nii", in: root)
    #expect(throws: SystemError(EEXIST)) { try disk.link("x.nii", to: "taken.nii", in: root) }
    try disk.close(root)
    #expect(content("second.nii") == nil && content("out/second.nii") == voxels(1))
    #expect(content("out/taken.nii") == voxels(2))
  }

  // Who is held is held for ever; the minutes are for machines so busy that they come late to a test.
  @Test(.timeLimit(.minutes(10))) func `only regular files are read, and a pipe does not block`() throws {
    let folder = try OutputFolder(path: "\(place)/out")
    try #require(mkfifo("\(place)/out/pipe", 0o600) == 0)
    try link("out/link", to: "../out")
    #expect(code { _ = try folder.root.file(at: "pipe") } == ENXIO)
    #expect(code { _ = try folder.root.file(at: "link") } == ELOOP)
    #expect(code { _ = try folder.root.file(at: ".medfilter") } == EISDIR)
    #expect(code { _ = try folder.root.file(at: "missing") } == ENOENT)
    #expect(code { _ = try AppendOnlyFile("pipe", in: folder) } == ENXIO)
  }

  @Test func `the lock is one holder's at a time and says whose`() throws {
    let folder = try OutputFolder(path: "\(place)/out")
    do {
      let lock = try FolderLock(folder)
      #expect(throws: FolderLock.Failure.held(by: FolderLock.thisProcess)) { try FolderLock(folder) }
      #expect(FolderLock.thisProcess.hasPrefix("pid \(getpid()) on "))
      withExtendedLifetime(lock) {}
    }
    let next = try FolderLock(folder, holder: "next")
    #expect(content("out/.medfilter/lock") == Array("next\n".utf8))
    withExtendedLifetime(next) {}
  }

  @Test func `a lock that was released lets the next one in, whoever still has the value`() throws {
    let folder = try OutputFolder(path: "\(place)/out")
    let lock = try FolderLock(folder)
    lock.release()
    let next = try FolderLock(folder)
    // Giving back twice takes nothing from the next one.
    lock.release()
    #expect(throws: FolderLock.Failure.self) { try FolderLock(folder) }
    withExtendedLifetime((lock, next)) {}
  }

  @Test func `the lock ends with its holder though a child has a copy of the descriptor`() throws {
    let folder = try OutputFolder(path: "\(place)/out")
    let copies: [Int32]
    do {
      let lock = try FolderLock(folder)
      // What a process that another thread is just starting has, until it becomes its program.
      let held = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter { number in
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
        return target == "\(place)/out/.medfilter/lock"
      }
      // Not before all were looked at: a copy may get the number of a file that another test has just closed.
      copies = held.compactMap { Int32($0).map { dup($0) } }
      withExtendedLifetime(lock) {}
    }
    defer { copies.forEach { close($0) } }
    #expect(copies.count == 1)
    let next = try FolderLock(folder)
    withExtendedLifetime(next) {}
  }

  @Test func `only dead temporary files of this very tree are removed`() throws {
    let (outer, inner) = (try OutputFolder(path: "\(place)/out"), try OutputFolder(path: "\(place)/out/inner"))
    let (pending, foreign) = (try outer.pendingFile(for: "a/x.nii"), try inner.pendingFile(for: "y.nii"))
    let mine = try FileManager.default.contentsOfDirectory(atPath: "\(place)/out/a")[0]
    // Names that only look like ours, and ours on things that are no files.
    let kept = [
      ".medfilter-0000000000000000-0000000000000000.tmp", ".medfilter-x.tmp", String(mine.dropLast(4)), mine + "p",
      mine.uppercased(),
    ]
    for name in kept { try Data([1]).write(to: URL(filePath: "\(place)/out/a/\(name)")) }
    let other = mine.replacing(/-[0-9a-f]{16}\.tmp/, with: "-0123456789abcdef.tmp")
    try link("out/a/\(other)", to: "nowhere")
    #expect(try outer.removeStaleFiles(holding: try FolderLock(outer)) == 1)
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(place)/out/a")
    #expect(Set(left) == Set(kept + [other]))
    try foreign.publish(replacing: false)
    #expect(code { try pending.publish(replacing: false) } == ENOENT)
  }

  @Test func `lines are appended, synced and cut off`() throws {
    let folder = try OutputFolder(path: "\(place)/out")
    for line in ["one\n", "two\n"] {
      try AppendOnlyFile("log", in: folder).append(Array(line.utf8), synced: line == "two\n")
    }
    #expect(content("out/log") == Array("one\ntwo\n".utf8))
    try AppendOnlyFile("log", in: folder).truncate(to: 4)
    #expect(content("out/log") == Array("one\n".utf8))
  }
}
