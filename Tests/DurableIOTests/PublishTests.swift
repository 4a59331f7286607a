import DurableIO
import Glibc
import SimulatedDisk
import Testing

@Suite struct PublishTests {
  let disk = CrashDisk()

  @Test func `a file has no name before it is published and its whole content after`() throws {
    let folder = try OutputFolder(path: "/data/out", disk: disk)
    let file = try folder.pendingFile(for: "sub-01/anat/x.nii")
    for piece in [voxels(1), [], voxels(2)] { try file.write(piece) }
    #expect(disk.files["/data/out/sub-01/anat/x.nii"] == nil)
    try file.publish(replacing: false)
    #expect(disk.files["/data/out/sub-01/anat/x.nii"] == voxels(1) + voxels(2))
    #expect(disk.files.keys.filter(isTemporary).isEmpty)
    #expect(disk.mode(of: "/data/out/sub-01/anat/x.nii") == 0o644)
  }

  @Test func `the file is private until it is synced`() throws {
    let folder = try OutputFolder(path: "/out", disk: disk)
    let file = try folder.pendingFile(for: "x.nii")
    try file.write(voxels(1))
    let temporary = try #require(disk.files.keys.first(where: isTemporary))
    #expect(disk.mode(of: temporary) == 0o600)
    file.discard()
  }

  @Test func `what is read back is what was written`() throws {
    let folder = try OutputFolder(path: "/out", disk: disk)
    let file = try folder.pendingFile(for: "x.nii")
    try file.write(voxels(1))
    #expect(try file.openForReadBack().bytes(limit: 5000) == voxels(1))
    try file.publish(replacing: false)
    #expect(disk.files["/out/x.nii"] == voxels(1))
  }

  @Test(arguments: [false, true])
  func `an existing file is replaced only when asked for`(lacksExclusiveRename: Bool) throws {
    let folder = try OutputFolder(path: "/out", disk: disk)
    try folder.publish(voxels(1), as: "x.nii", replacing: false)
    var faults = Faults()
    faults.lacksExclusiveRename = lacksExclusiveRename
    disk.arm(faults)
    let failure = #expect(throws: DurableFailure.self) {
      try folder.publish(voxels(2), as: "x.nii", replacing: false)
    }
    #expect(failure?.isExisting == true)
    #expect(failure?.description == "cannot publish x.nii: there already is something of that name")
    #expect(disk.files["/out/x.nii"] == voxels(1))
    try folder.publish(voxels(2), as: "x.nii", replacing: true)
    #expect(disk.files["/out/x.nii"] == voxels(2))
    #expect(disk.files.keys.filter(isTemporary).isEmpty)
  }

  @Test func `a disk without exclusive renames, links and modes is written to, and nothing on it is replaced`() throws {
    var faults = Faults()
    (faults.lacksExclusiveRename, faults.lacksLinks, faults.lacksModes) = (true, true, true)
    disk.arm(faults)
    let folder = try OutputFolder(path: "/out", disk: disk)
    try folder.publish(voxels(1), as: "x.nii", replacing: false)
    #expect(disk.files["/out/x.nii"] == voxels(1))
    let failure = #expect(throws: DurableFailure.self) {
      try folder.publish(voxels(2), as: "x.nii", replacing: false)
    }
    #expect(failure?.isExisting == true && disk.files["/out/x.nii"] == voxels(1))
    #expect(disk.files.keys.filter(isTemporary).isEmpty)
  }

  @Test(arguments: [(0o644, 0o644), (0o640, 0o640), (0o600, 0o600), (0o666, 0o644), (0o444, 0o444), (0, 0o400)])
  func `a file is as open as asked for, less the umask`(mode: UInt32, found: UInt32) throws {
    let folder = try OutputFolder(path: "/out", disk: disk)
    let file = try folder.pendingFile(for: "x.nii", mode: mode)
    try file.write(voxels(1))
    try file.publish(replacing: false)
    #expect(disk.mode(of: "/out/x.nii") == found)
  }

  @Test func `a lock and a log that are taken away are missed`() throws {
    let folder = try OutputFolder(path: "/out", disk: disk)
    let lock = try FolderLock(folder)
    let log = try AppendOnlyFile("log", in: folder)
    try log.append(voxels(1), synced: true)
    #expect(lock.isInPlace && log.isInPlace && folder.isStillThere)
    let other = try AppendOnlyFile("log", in: folder)
    try other.append(voxels(2), synced: true)
    #expect(!log.isInPlace && other.isInPlace)
    try folder.remove("log")
    #expect(!other.isInPlace)
    try folder.remove(FolderLock.path)
    #expect(!lock.isInPlace)
  }

  @Test func `without an exclusive rename a link does the same`() throws {
    let folder = try OutputFolder(path: "/out", disk: disk)
    var faults = Faults()
    faults.lacksExclusiveRename = true
    disk.arm(faults)
    try folder.publish(voxels(3), as: "x.nii", replacing: false)
    #expect(disk.files.filter { $0.key != "/out/.medfilter/lock" } == ["/out/x.nii": voxels(3)])
  }

  @Test func `a file that is given up leaves nothing behind`() throws {
    let folder = try OutputFolder(path: "/out", disk: disk)
    let before = disk.openDescriptors
    do {
      let file = try folder.pendingFile(for: "x.nii")
      try file.write(voxels(1))
    }
    #expect(disk.files.isEmpty)
    #expect(disk.openDescriptors == before)
  }

  @Test func `an error is final for its file`() throws {
    let folder = try OutputFolder(path: "/out", disk: disk)
    let file = try folder.pendingFile(for: "x.nii")
    try file.write(voxels(1))
    // The calls of a sync: open for reading, set the mode, sync.
    disk.arm(.error(EIO, at: 2, .once))
    let failure = DurableFailure(.sync, EIO, "x.nii")
    #expect(throws: failure) { try file.sync() }
    #expect(throws: failure) { try file.sync() }
    #expect(throws: failure) { try file.write(voxels(1)) }
    #expect(throws: failure) { try file.publish(replacing: true) }
    file.discard()
    #expect(disk.files.isEmpty)
  }

  @Test(arguments: [1, 7, 4097]) func `short writes and signals lose nothing`(longest: Int) throws {
    var faults = Faults()
    faults.longestWrite = longest
    faults.interrupts = true
    disk.arm(faults)
    let folder = try OutputFolder(path: "/out", disk: disk)
    try folder.publish(voxels(1, count: 10_000), as: "a/x.nii", replacing: false)
    #expect(disk.files["/out/a/x.nii"] == voxels(1, count: 10_000))
  }

  @Test(arguments: ["", "/x", "a//x", "../x", "a/../x", "a/.", "./x", "a/\0x", "x/"])
  func `paths that are not plain and relative are refused`(path: String) throws {
    let folder = try OutputFolder(path: "/out", disk: disk)
    let failure = #expect(throws: DurableFailure.self) { try folder.pendingFile(for: path) }
    #expect(failure?.isEscape == true)
  }

  @Test func `what goes while stale files are looked for is no failure`() throws {
    let folder = try OutputFolder(path: "/out", disk: disk)
    let lock = try FolderLock(folder)
    // As a copy of the program leaves a file that tries the disk before it asks for the lock.
    func search(_ faults: Faults) throws {
      let file = try folder.pendingFile(for: "sub-01/x.nii")
      disk.arm(faults)
      try folder.removeStaleFiles(holding: lock)
      withExtendedLifetime(file) {}
    }
    try search(Faults())
    let calls = disk.calls
    for call in 0..<calls {
      #expect(throws: Never.self, "call \(call)") { try search(.error(ENOENT, at: call, .once)) }
    }
    #expect(calls > 8)
  }
}
