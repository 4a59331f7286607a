import DurableIO
import Glibc
import SimulatedDisk
import Testing

/// Runs one small job again and again, dying at every call and losing power in every way, and looks at what is left.
@Suite struct CrashSweepTests {
  static let losses: [PowerLoss] =
    [.keepsAll, .keepsNothing, .keepsNames, .keepsData] + (0..<20).map { .keepsSome(seed: $0) }

  static let outputs = ["x.nii", "sub-01/anat/y.nii", "sub-01/anat/z.nii"]

  /// Publishes the outputs one after the other, or together, the last one over an older version.
  ///
  /// - Returns: how many were published before something failed.
  static func job(on disk: CrashDisk, together: Bool) -> (done: Int, failure: DurableFailure?) {
    var done = 0
    do throws(DurableFailure) {
      let folder = try OutputFolder(path: "/data/out", disk: disk)
      var named: [PendingFile] = []
      for index in outputs.indices {
        let file = try written(index, in: folder)
        try together ? file.giveName(replacing: index == 2) : file.publish(replacing: index == 2)
        if together { named.append(file) } else { done += 1 }
      }
      try PendingFile.syncNames(of: named)
      return (outputs.count, nil)
    } catch {
      return (done, error)
    }
  }

  private static func written(_ index: Int, in folder: OutputFolder) throws(DurableFailure) -> PendingFile {
    let file = try folder.pendingFile(for: outputs[index])
    try file.write(voxels(UInt64(index)))
    try file.write(voxels(UInt64(index)))
    #expect(try file.openForReadBack().bytes(limit: 9999).count == 2000)
    return file
  }

  static let old: [UInt8] = [7, 7, 7]

  static func freshDisk() throws -> CrashDisk {
    let disk = CrashDisk()
    let folder = try OutputFolder(path: "/data/out", disk: disk)
    try folder.publish(old, as: outputs[2], replacing: false)
    return disk.after(.keepsNothing)
  }

  static func callsOfTheJob(together: Bool) throws -> Int {
    let disk = try freshDisk()
    disk.arm(Faults())
    try #require(job(on: disk, together: together).done == outputs.count)
    return disk.calls
  }

  /// The law: a final name names a whole file, old or new; what was reported as published is the new one.
  static func check(_ disk: CrashDisk, done: Int, _ place: String) throws {
    for (index, output) in outputs.enumerated() {
      let found = disk.files["/data/out/\(output)"]
      let new = voxels(UInt64(index)) + voxels(UInt64(index))
      let allowed: [[UInt8]?] = index < done ? [new] : index == 2 ? [old, new] : [nil, new]
      #expect(allowed.contains(found), "\(place): \(output) has \(found?.count ?? -1) bytes after \(done) files")
    }
    // A second run finishes the work on whatever it finds, and leaves no litter.
    let folder = try OutputFolder(path: "/data/out", disk: disk)
    try folder.removeStaleFiles(holding: try FolderLock(folder))
    #expect(disk.files.keys.filter(isTemporary).isEmpty, "\(place)")
  }

  @Test(arguments: [false, true])
  func `a final name names a whole file wherever the power fails`(together: Bool) throws {
    let calls = try Self.callsOfTheJob(together: together)
    var states = 0
    for death in 0...calls {
      let disk = try Self.freshDisk()
      disk.arm(.death(at: death))
      let done = Self.job(on: disk, together: together).done
      for loss in Self.losses {
        try Self.check(disk.after(loss), done: done, "death at call \(death), \(loss)")
        states += 1
      }
    }
    #expect(states == (calls + 1) * Self.losses.count)
    #expect(calls > 60)
  }

  @Test(arguments: [ENOSPC, EIO, EDQUOT, EROFS], [Faults.Span.once, .forEver])
  func `an error at any call spoils one file at most`(code: Int32, span: Faults.Span) throws {
    for together in [false, true] {
      for call in 0..<(try Self.callsOfTheJob(together: together)) {
        let disk = try Self.freshDisk()
        disk.arm(.error(code, at: call, span))
        let (done, failure) = Self.job(on: disk, together: together)
        let place = "error \(code) at call \(call), \(together ? "together" : "one by one")"
        if span == .forEver && done < Self.outputs.count { #expect(failure?.code == code, "\(place)") }
        // An error must not be swallowed and the power then take what was promised.
        try Self.check(disk.after(.keepsNothing), done: done, place)
        try Self.check(disk.after(.keepsAll), done: done, place)
      }
    }
  }

  @Test(arguments: [EEXIST, ENOENT, EIO]) func `a rename whose answer was lost still counts`(code: Int32) throws {
    for lacksExclusiveRename in [false, true] {
      let disk = CrashDisk()
      let folder = try OutputFolder(path: "/out", disk: disk)
      let file = try folder.pendingFile(for: "x.nii")
      try file.write(voxels(1))
      try file.close()
      var faults = Faults()
      faults.lacksExclusiveRename = lacksExclusiveRename
      // Without the exclusive rename, its refusal and a look at the name come before the link.
      faults.lostAnswer = (code, lacksExclusiveRename ? 2 : 0)
      disk.arm(faults)
      try file.publish(replacing: false)
      #expect(disk.after(.keepsNothing).files == ["/out/x.nii": voxels(1)])
    }
  }
}
