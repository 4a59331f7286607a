import Foundation
import Glibc
import Testing

/// Masks and kernels: files that a job names beside its scans.
@Suite struct FilesBesideTests {
  // MARK: - Masks that cannot be used

  private func job(_ filters: String, policy: String = "{}") throws -> Scratch {
    try Scratch.threeScans {
      $0.filters = filters
      $0.policy = policy
    }
  }

  private static let masked = #"[{"filter": "scale", "slope": 2}, {"filter": "box", "size_vox": 3, "mask": "m.nii"}]"#

  @Test(arguments: ["run", "plan"]) func `a mask that is not there is one error of the job, at its key`(
    command: String
  ) throws {
    let scratch = try job(Self.masked)
    let outcome = try scratch.medfilter(command, "job.json")
    outcome.expect(status: 64)
    let sentence = #"job.json: filters[1].mask: cannot open "m.nii": no such file (line 1)"#
    #expect(outcome.stderr == "medfilter: \(sentence)\n")
    #expect(!scratch.listing().contains("out"))
  }

  @Test(arguments: [
    (#"{"filter": "mask", "file": "none/m.nii"}"#, #"filters[0].file: cannot open "none/m.nii": no such file"#),
    (#"{"filter": "mask", "file": "{stm}_m.nii"}"#, "filters[0].file: unknown placeholder {stm}"),
    (#"{"filter": "mask", "file": "in"}"#, #"filters[0].file: cannot open "in": it is a folder"#),
    (#"{"filter": "mask", "file": "locked.nii"}"#, #"cannot open "locked.nii": this user may not read it"#),
    (#"{"filter": "mask", "file": "pipe.nii"}"#, #"cannot open "pipe.nii": it is no regular file"#),
    (#"{"filter": "mask", "file": "job.json"}"#, #"filters[0].file: "job.json": mask file name: expected .nii"#),
    (#"{"filter": "mask", "file": "text.nii"}"#, #"filters[0].file: "text.nii": mask "#),
    (#"{"filter": "mask", "file": "cut.nii"}"#, #"filters[0].file: "cut.nii": mask "#),
    (#"{"filter": "mask", "file": "lone.hdr"}"#, #"filters[0].file: "lone.hdr": mask "#),
    (#"{"filter": "mask", "file": "series.nii"}"#, "mask dims: expected one volume, found 8×7×6×2"),
    (#"{"filter": "kernel", "file": "none.json"}"#, #"filters[0].file: cannot open "none.json": no such file"#),
    (#"{"filter": "kernel", "file": "in"}"#, #"filters[0].file: cannot open "in": it is a folder"#),
    (#"{"filter": "kernel", "file": "locked.nii"}"#, #"cannot open "locked.nii": this user may not read it"#),
    (#"{"filter": "kernel", "file": "text.nii"}"#, #"filters[0].file: "text.nii": "#),
    (#"{"filter": "kernel", "file": "series.nii"}"#, "expected one volume of weights, found 8×7×6×2, 2 volumes"),
    (#"{"filter": "kernel", "file": "nan.nii"}"#, "expected numbers, found 1 that are NaN or infinite"),
  ])
  func `whatever is wrong with the file, nothing is started`(element: String, sentence: String) throws {
    let scratch = try job("[\(element)]")
    try scratch.write(.noise(8, 7, 6), to: "locked.nii")
    chmod(scratch.place("locked.nii"), 0)
    mkfifo(scratch.place("pipe.nii"), 0o600)
    try scratch.write(Array("no scan\n".utf8), to: "text.nii")
    try scratch.write(Array(TinyScan.noise(8, 7, 6).bytes.dropLast(9)), to: "cut.nii")
    try scratch.write(Array(TinyScan.noise(8, 7, 6).bytes.prefix(348)), to: "lone.hdr")
    try scratch.write(.noise(8, 7, 6, 2), to: "series.nii")
    try scratch.write(TinyScan(dims: [3], type: .float32, values: [1, .nan, 1]), to: "nan.nii")
    // Whoever may read everything finds a mask there, and no fault with it.
    if element.contains("locked"), getuid() == 0 { return }
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 64)
    #expect(outcome.stderr.contains(sentence), "\(outcome)")
    #expect(outcome.stderr.split(separator: "\n").count == 1, "\(outcome)")
    #expect(!scratch.listing().contains("out"))
  }

  @Test func `all errors of a job are told at once, those of its files too`() throws {
    let scratch = try job(
      #"[{"filter": "mask", "file": "a.nii"}, {"filter": "mask", "file": "b.nii"}, {"filter": "bx"}]"#)
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 64)
    #expect(outcome.stderr.split(separator: "\n").count == 3, "\(outcome)")
  }

  @Test func `where names are kept out of logs, they are kept out of these sentences too`() throws {
    let scratch = try job(#"[{"filter": "mask", "file": "Meier_Anna.nii"}]"#, policy: #"{"names": "hmac"}"#)
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 64)
    #expect(outcome.stderr.contains("filters[0].file: cannot open the scan: no such file"), "\(outcome)")
    #expect(!outcome.stderr.contains("Meier"), "\(outcome)")
  }

  @Test func `a mask is read once, on however many grids the scans lie`() throws {
    let scratch = try Scratch()
    for offset in 0..<4 {
      var scan = TinyScan.noise(8, 7, 6)
      scan.position = [Float(offset) * 1e-4, 0, 0]
      try scratch.write(scan, to: "in/\(offset).nii")
    }
    var mask = TinyScan(dims: [8, 7, 6], type: .uint8, values: Array(repeating: 1, count: 336))
    mask.position = [0, 0, 0]
    try scratch.write(mask, to: "m.nii")
    var job = TestJob()
    job.filters = #"[{"filter": "box", "size_vox": 3, "mask": "m.nii"}]"#
    try scratch.write(job)
    let outcome = try scratch.medfilter("plan", "job.json", "--json")
    outcome.expect(status: 0)
    #expect(outcome.stdout.split(separator: "\"chain_sha256\":").count == 5)
  }

  // MARK: - A mask ends where the volume ends

  @Test(arguments: [0, 50, -1000]) func `with a mask, a constant beyond the volume is never averaged in`(value: Int)
    throws
  {
    let scratch = try Scratch()
    try scratch.write(TinyScan(dims: [6, 1, 1], type: .float32, values: [6, 3, 9, 9, 3, 6]), to: "in/a.nii")
    try scratch.write(TinyScan(dims: [6, 1, 1], type: .uint8, values: [1, 1, 1, 0, 0, 1]), to: "mask.nii")
    var job = TestJob()
    job.filters =
      #"[{"filter": "box", "size_vox": [3, 1, 1], "mask": "mask.nii", "boundary": "constant", "value": \#(value)}]"#
    try scratch.write(job)
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    #expect(scratch.scan("out/a.nii")?.values == [4.5, 6, 6, 9, 3, 6])
  }

  // MARK: - Scans of weights

  @Test(arguments: ["k.nii", "k.nii.gz", "k.hdr"]) func `the voxels of a scan are weights, as written into the job`(
    name: String
  ) throws {
    let weights: [Double] = [1, -2, 3, 0, 5, 8, 1, 1, 0.25]
    let scratch = try Scratch.threeScans()
    let kernel = TinyScan(dims: [3, 3, 1], type: .float32, values: weights)
    if name == "k.hdr" {
      try scratch.writePair(kernel, to: "k")
    } else {
      try scratch.write(kernel, to: name)
    }
    var job = TestJob()
    var outputs: [[UInt8]?] = []
    for (root, source) in [
      ("a", #""file": "\#(name)""#), ("b", #""weights": [[[1, -2, 3], [0, 5, 8], [1, 1, 0.25]]]"#),
    ] {
      job.filters = #"[{"filter": "kernel", \#(source), "mode": "convolve", "boundary": "wrap"}]"#
      job.outputRoot = root
      try scratch.write(job, to: "\(root).json")
      let outcome = try scratch.medfilter("run", "\(root).json")
      outcome.expect(status: 0)
      outputs.append(scratch.bytes("\(root)/a.nii"))
    }
    #expect(outputs[0] != nil && outputs[0] == outputs[1])
    let records = try ["a", "b"].map { try #require(scratch.records($0).first { $0["type"] as? String == "output" }) }
    #expect(records[0]["chain_sha256"] as? String == records[1]["chain_sha256"] as? String)
  }

  @Test func `asymmetric voxels need a mode, and other weights make another recipe`() throws {
    let scratch = try Scratch.threeScans { $0.filters = #"[{"filter": "kernel", "file": "k.nii"}]"# }
    try scratch.write(TinyScan(dims: [3], type: .float32, values: [1, 2, 4]), to: "k.nii")
    let refused = try scratch.medfilter("run", "job.json")
    refused.expect(status: 64)
    #expect(refused.stderr.contains("filters[0].mode: missing"), "\(refused)")
    try scratch.write(TinyScan(dims: [3], type: .float32, values: [1, 2, 1]), to: "k.nii")
    try scratch.medfilter("run", "job.json").expect(status: 0)
    #expect(try scratch.medfilter("run", "job.json").stderr.contains("3 up to date"))
    try scratch.write(TinyScan(dims: [3], type: .float32, values: [1, 3, 1]), to: "k.nii")
    try scratch.medfilter("run", "job.json").expect(status: 3)
  }

  // MARK: - Being stopped

  /// Taking 800×600 weights without structure apart takes some ten seconds.
  @Test(arguments: [["run", "job.json"], ["plan", "job.json"], ["kernel", "k.nii"]])
  func `a signal ends the work on a large kernel`(arguments: [String]) throws {
    let scratch = try Scratch.threeScans {
      $0.filters = #"[{"filter": "kernel", "file": "k.nii", "mode": "correlate"}]"#
    }
    try scratch.write(.noise(800, 600), to: "k.nii")
    let running = try scratch.start(arguments)
    #expect(running.waitUntilBusy(seconds: 1.5))
    let asked = ContinuousClock.now
    running.send(SIGTERM)
    let outcome = running.finish()
    #expect(asked.duration(to: .now) < .seconds(5))
    outcome.expect(status: 75)
    #expect(outcome.stderr.contains("interrupted"), "\(outcome)")
    #expect(!scratch.listing().contains("out"))
  }
}

extension Scratch {
  /// As two files, `name.hdr` and `name.img`.
  fileprivate func writePair(_ scan: TinyScan, to name: String) throws {
    var header = Array(scan.header.prefix(348)) + [0, 0, 0, 0]
    header.replaceSubrange(108..<112, with: [0, 0, 0, 0])
    header.replaceSubrange(344..<347, with: Array("ni1".utf8))
    try write(header, to: "\(name).hdr")
    try write(Array(scan.bytes.dropFirst(TinyScan.headerBytes)), to: "\(name).img")
  }
}

extension Running {
  /// Waits until the process has computed for so long.
  fileprivate func waitUntilBusy(seconds: Double) -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      // The 14th and 15th field, in hundredths of a second; the program's name holds no blank.
      let fields = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8))?.split(separator: " ") ?? []
      if fields.count > 14, (Double(fields[13]) ?? 0) / 100 > seconds { return true }
      usleep(20_000)
    }
    return false
  }
}
