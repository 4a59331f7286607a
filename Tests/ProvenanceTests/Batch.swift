import ByteStreams
import DurableIO
import Provenance
import SimulatedDisk
import StrictJSON

/// A batch as small as it can be that follows the commit protocol: write, sync, `prepared`, name, `output`.
struct Batch {
  static let root = "/data/out"

  let disk: CrashDisk
  var scans = ["a.nii", "sub-01/b.nii", "sub-01/c.nii"]
  /// Another version gives other bytes and another chain digest.
  var version = 0
  /// Signs the log's head.
  var key: SigningKey?
  /// Whether copies of the head go to `anchor`.
  var isAnchored = false

  /// Whether the scans share their waiting for the disk.
  var isTogether = false
  /// Whether a part of a record goes into a file of its own.
  var keepsParts = false
  /// Puts a log of at least so many bytes aside.
  var longest: Int?

  static let anchor = "/anchor"

  /// A disk with a folder for copies of heads: on the same disk, so that calls and deaths are counted together.
  static func diskWithAnchor() throws -> CrashDisk {
    let disk = CrashDisk()
    try disk.makeFolder(anchor, in: nil)
    let top = try disk.open("/", in: nil, for: .folder)
    try disk.sync(top, dataOnly: false)
    try disk.close(top)
    return disk
  }

  enum Stop: Error {
    case disk(DurableFailure), lock(FolderLock.Failure), log(ProvenanceFailure), refused(String)
  }

  static func digest(_ text: String) -> Digest { SHA256.digest(of: Array(text.utf8)) }

  func bytes(of scan: String) -> [UInt8] {
    [UInt8](repeating: 1, count: 700) + Array("filtered \(scan) \(version)".utf8)
  }

  func record(of scan: String) -> ScanRecord {
    let input = RecordedFile(name: "in/\(scan)", sha256: Self.digest(scan), bytes: scan.count, voxels: nil)
    let (bytes, voxels) = (bytes(of: scan), Self.digest("voxels of \(scan)"))
    let output = RecordedFile(name: scan, sha256: SHA256.digest(of: bytes), bytes: bytes.count, voxels: voxels)
    return ScanRecord(inputs: [input], output: output, chain: Self.digest("chain \(version)"))
  }

  /// Does what is not done yet.
  ///
  /// - Returns: how many scans were written anew.
  @discardableResult
  func run(replacing: Bool = false, dieBeforeEnd: Bool = false) throws(Stop) -> Int {
    do {
      let folder = try OutputFolder(path: Self.root, disk: disk)
      let lock = try FolderLock(folder)
      try folder.removeStaleFiles(holding: lock)
      let log = try ProvenanceLog.open(in: folder, holding: lock, options: logOptions(), clock: Self.rising)
      try log.append(type: .runStart, fields: [("job_sha256", .string(Self.digest("job").hex))])
      try log.append(type: .kernel, fields: [("taps", .array([.string("0x1p-1")]))], synced: false)
      if keepsParts {
        let part = try log.keep(.array((0..<900).map { .int($0) }))
        try log.append(type: .kernel, fields: [("taps_file", part.json)], synced: false)
      }
      let due = try scans.filter { try !isDone($0, folder, log) }
      for group in isTogether ? [due] : due.map({ [$0] }) { try write(group, folder, log, replacing: replacing) }
      if dieBeforeEnd { return due.count }
      try log.append(type: .runEnd, fields: [("ok", .int(scans.count)), ("status", .string("complete"))])
      return due.count
    } catch let failure as DurableFailure {
      throw .disk(failure)
    } catch let failure as FolderLock.Failure {
      throw .lock(failure)
    } catch let failure as ProvenanceFailure {
      throw .log(failure)
    } catch {
      throw .refused("\(error)")
    }
  }

  /// Records that a scan was withdrawn.
  func retire(_ scan: String) throws {
    let folder = try OutputFolder(path: Self.root, disk: disk)
    let log = try ProvenanceLog.open(
      in: folder, holding: try FolderLock(folder), options: logOptions(), clock: Self.rising)
    if !log.history.withdrawn.holds("in/\(scan)") {
      try log.append(
        type: .retired, fields: Withdrawals.fields(scan: "in/\(scan)", reason: "withdrawn", outputs: [scan]))
    }
    try log.publishHead()
    if try folder.root.status(of: scan) != nil { try folder.remove(scan) }
  }

  private func logOptions() throws -> ProvenanceLog.Options {
    var options = ProvenanceLog.Options()
    (options.key, options.longest) = (key, longest)
    guard isAnchored else { return options }
    options.anchors = [try AnchorFolder(path: Self.anchor, disk: disk)]
    return options
  }

  private func isDone(_ scan: String, _ folder: OutputFolder, _ log: ProvenanceLog) throws -> Bool {
    let record = record(of: scan)
    guard let status = try folder.root.status(of: scan) else { return false }
    let found = SHA256.digest(of: try folder.root.file(at: scan).bytes(limit: status.size))
    guard found == record.output.sha256 else { return false }
    if log.history.outputs[scan]?.record == record { return true }
    guard log.history.prepared[scan]?.record == record else { throw Stop.refused("\(scan) has no record") }
    try log.append(type: .output, fields: record.fields + [("recovered", .bool(true))])
    return true
  }

  private func write(
    _ scans: [String], _ folder: OutputFolder, _ log: ProvenanceLog, replacing: Bool
  ) throws {
    var files: [PendingFile] = []
    for scan in scans {
      let file = try folder.pendingFile(for: scan)
      try bytes(of: scan).withUnsafeBytes { try file.write($0) }
      try file.close()
      try log.append(type: .prepared, fields: record(of: scan).fields, synced: false)
      files.append(file)
    }
    try log.sync()
    for file in files { try file.giveName(replacing: replacing) }
    try PendingFile.syncNames(of: files)
    for scan in scans {
      try log.append(type: .output, fields: record(of: scan).fields + [("recovered", .bool(false))], synced: false)
    }
  }

  /// Goes on from run to run, so that time never goes back.
  static let rising = clock()

  /// One second a line, from a fixed moment.
  static func clock(from start: Int = 1_795_215_600, step: Int = 1) -> @Sendable () -> Timestamp {
    let ticks = Ticks()
    return { Timestamp(microseconds: (start + step * ticks.next()) * 1_000_000) }
  }

  func verify(_ change: (inout LogVerifier.Options) throws -> Void = { _ in }) throws -> VerifyReport {
    var options = LogVerifier.Options()
    try change(&options)
    return try LogVerifier.verify(logPath: "\(Self.root)/provenance.jsonl", options: options, disk: disk)
  }
}
