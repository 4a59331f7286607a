import ByteStreams
import DurableIO
import Foundation
import Provenance
import SimulatedDisk
import StrictJSON
import Testing
import Volumes

@Suite struct VerifierTests {
  let batch = Batch(disk: CrashDisk())

  func kinds() throws -> [Problem.Kind] { try batch.verify().problems.map(\.kind) }

  @Test func `changed, missing and replaced outputs are found`() throws {
    try batch.run()
    #expect(try kinds() == [])
    batch.disk.tamper("\(Batch.root)/a.nii", with: batch.bytes(of: "a.nii") + [0])
    #expect(try kinds() == [.outputChanged])
    batch.disk.tamper("\(Batch.root)/sub-01/b.nii", with: nil)
    #expect(try kinds() == [.outputChanged, .outputMissing])
    let problem = try #require(try batch.verify().problems.last)
    let digest = batch.record(of: "sub-01/b.nii").output.sha256
    #expect(
      problem.description == "line 7: output-missing: expected sub-01/b.nii with SHA-256 \(digest), "
        + "found cannot open sub-01/b.nii: there is no such file or folder")
  }

  @Test func `scans that nobody recorded are found`() throws {
    try batch.run()
    batch.disk.tamper("\(Batch.root)/sub-01/d.nii.gz", with: [1])
    batch.disk.tamper("\(Batch.root)/sub-01/notes.txt", with: [1])
    let report = try batch.verify()
    #expect(report.problems.map(\.kind) == [.unrecorded])
    #expect(report.problems.first?.found == "none for sub-01/d.nii.gz")
  }

  @Test func `outputs with hidden names are found by what they hold`() throws {
    let folder = try OutputFolder(path: Batch.root, disk: batch.disk)
    let log = try ProvenanceLog.open(in: folder, holding: try FolderLock(folder), clock: Batch.clock())
    let file = RecordedFile(name: "hmac:00", sha256: SHA256.digest(of: [1, 2]), bytes: 2, voxels: nil)
    let record = ScanRecord(inputs: [file], output: file, chain: Batch.digest("chain"))
    try folder.publish([1, 2], as: "patient.nii", replacing: false)
    try log.append(type: .runStart, fields: [])
    try log.append(type: .prepared, fields: record.fields)
    try log.append(type: .output, fields: record.fields)
    try log.append(type: .runEnd, fields: [])
    #expect(try kinds() == [])
    batch.disk.tamper("\(Batch.root)/patient.nii", with: [1, 3])
    #expect(try kinds() == [.outputMissing, .unrecorded])
    #expect(try !batch.verify().problems.contains { "\($0)".contains("patient") })
  }

  @Test func `voxels that are not those of the record are found`() throws {
    try batch.run()
    func kinds(_ voxels: @escaping VoxelReading) throws -> [Problem.Kind] {
      try batch.verify { $0.voxels = voxels }.problems.map(\.kind)
    }
    #expect(try kinds { _, name in Batch.digest("voxels of \(name)") } == [])
    #expect(
      try kinds { folder, name in Batch.digest(name == "a.nii" ? "others" : "voxels of \(name)") } == [.voxels])
    let failure = ScanFailure(.truncated, .read, "voxels", expected: "more", found: "less")
    #expect(try kinds { _, _ throws(ScanFailure) in throw failure } == [.voxels, .voxels, .voxels])
  }

  /// Writes a log of the given events, well chained whatever their order.
  func write(_ types: [RecordType], clock: @escaping @Sendable () -> Timestamp = Batch.clock()) throws {
    let folder = try OutputFolder(path: Batch.root, disk: batch.disk)
    let log = try ProvenanceLog.open(in: folder, holding: try FolderLock(folder), clock: clock)
    for type in types {
      let isScan = type == .prepared || type == .output
      try log.append(type: type, fields: isScan ? batch.record(of: "a.nii").fields : [])
    }
    try log.publishHead()
    guard types.contains(.prepared) || types.contains(.output) else { return }
    try folder.publish(batch.bytes(of: "a.nii"), as: "a.nii", replacing: true)
  }

  @Test(
    arguments: [
      ([.runStart], [.run]),
      ([.runStart, .runStart, .runEnd], [.run]),
      ([.runEnd], [.run]),
      ([.runStart, .runEnd, .kernel], [.run]),
      ([.runStart, .output, .runEnd], [.prepared]),
      ([.runStart, .prepared, .output, .output, .runEnd], [.prepared]),
      ([.runStart, .prepared, .runEnd], []),
      ([.runStart, .prepared, .output, .scanFailed, .runEnd], []),
      ([.runStart, .genesis, .runEnd], [.genesis]),
    ] as [([RecordType], [Problem.Kind])])
  func `events out of order are found`(types: [RecordType], expected: [Problem.Kind]) throws {
    try write(types)
    #expect(try kinds() == expected)
  }

  @Test func `a recovery ends the run that it names and no other`() throws {
    let folder = try OutputFolder(path: Batch.root, disk: batch.disk)
    let log = try ProvenanceLog.open(in: folder, holding: try FolderLock(folder), clock: Batch.clock())
    try log.append(type: .runStart, fields: [])
    for seq in [Int.max, -1, 2] {
      try log.append(type: .recovery, fields: [("unfinished_run", .int(seq))])
      try log.publishHead()
      #expect(try kinds() == [.run])
    }
    try log.append(type: .recovery, fields: [("unfinished_run", .int(1))])
    try log.publishHead()
    #expect(try kinds() == [])
  }

  @Test func `changed and missing inputs are found when asked for`() throws {
    let place = FileManager.default.temporaryDirectory.path + "/medfilter-tests-\(LogID.random())"
    try FileManager.default.createDirectory(atPath: "\(place)/in", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: place) }
    let input = URL(filePath: "\(place)/in/x.nii")
    try Data([1, 2, 3]).write(to: input)
    let digest = SHA256.digest(of: [1, 2, 3])
    let image = RecordedFile(name: "x.nii", sha256: digest, bytes: 3, voxels: nil)
    let mask = RecordedFile(role: "mask", name: "elsewhere.nii", sha256: digest, bytes: 3, voxels: nil)
    let record = ScanRecord(inputs: [image, mask], output: image, chain: digest)
    let folder = try OutputFolder(path: "\(place)/out")
    let log = try ProvenanceLog.open(in: folder, holding: try FolderLock(folder))
    try folder.publish([1, 2, 3], as: "x.nii", replacing: false)
    try log.append(type: .runStart, fields: [])
    try log.append(type: .prepared, fields: record.fields)
    try log.append(type: .output, fields: record.fields)
    try log.append(type: .runEnd, fields: [])
    var options = LogVerifier.Options()
    options.inputRoot = "\(place)/in"
    func report() throws -> VerifyReport {
      try LogVerifier.verify(logPath: "\(place)/out/provenance.jsonl", options: options)
    }
    #expect(try report().problems == [])
    #expect(try report().inputsChecked == 1)
    try Data([1, 2, 4]).write(to: input)
    #expect(try report().problems.map(\.kind) == [.inputChanged])
    try FileManager.default.removeItem(at: input)
    #expect(try report().problems.map(\.kind) == [.inputMissing])
    options.inputRoot = "\(place)/nowhere"
    #expect(throws: DurableFailure.self) { try report() }
  }

  @Test func `time that goes back is a warning`() throws {
    try write([.runStart, .runEnd], clock: Batch.clock(step: -3600))
    let report = try batch.verify()
    #expect(report.problems == [])
    #expect(Set(report.warnings.map(\.kind)) == [.timeGoesBack])
    #expect(report.warnings.first?.description.hasPrefix("line 2: time-goes-back: expected 2026-11-20T") == true)
  }

  @Test func `lines behind the head are a warning`() throws {
    try batch.run()
    let folder = try OutputFolder(path: Batch.root, disk: batch.disk)
    let log = try ProvenanceLog.open(
      in: folder, holding: try FolderLock(folder), clock: Batch.clock(from: 1_800_000_000))
    try log.append(type: .recovery, fields: [])
    let report = try batch.verify()
    #expect(report.problems == [])
    #expect(report.warnings.map(\.description) == ["line 11: lines-after-head: expected a head of 11 lines, found 10"])
  }

  @Test func `a missing log is an error, an empty one a problem`() throws {
    #expect(throws: DurableFailure.self) { try batch.verify() }
    _ = try OutputFolder(path: Batch.root, disk: batch.disk)
    batch.disk.tamper("\(Batch.root)/provenance.jsonl", with: [])
    #expect(try kinds() == [.genesis])
  }
}
