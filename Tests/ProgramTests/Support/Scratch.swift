import Foundation
import Glibc

/// A fresh temporary folder with an archive of scans `in/`, jobs, and what the program makes of them; gone with the value.
final class Scratch {
  let path: String
  /// Variables beside those of `Program.environment`.
  var environment: [String: String] = [:]
  private var runs = 0

  init() throws {
    var template = Array("\(FileManager.default.temporaryDirectory.path)/medfilter-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw POSIXError(.EIO) }
    path = String(cString: made)
    try FileManager.default.createDirectory(atPath: "\(path)/files", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: "\(path)/streams", withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  // MARK: - Files

  /// The folder that the program is started in.
  var folder: String { "\(path)/files" }

  func place(_ name: String) -> String { "\(folder)/\(name)" }

  func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o644) throws {
    let place = URL(filePath: place(name))
    try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: place)
    chmod(place.path, mode)
  }

  func write(_ scan: TinyScan, to name: String) throws {
    try write(name.hasSuffix(".gz") ? scan.gzipped : scan.bytes, to: name)
  }

  func write(_ job: TestJob, to name: String = "job.json") throws { try write(Array(job.text.utf8), to: name) }

  func bytes(_ name: String) -> [UInt8]? { (try? Data(contentsOf: URL(filePath: place(name)))).map { Array($0) } }

  func text(_ name: String) -> String { String(decoding: bytes(name) ?? [], as: UTF8.self) }

  func scan(_ name: String) -> TinyScan? { bytes(name).flatMap(TinyScan.init) }

  func link(_ name: String, to target: String) throws {
    let folder = URL(filePath: place(name)).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: place(name), withDestinationPath: target)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: place(name)) }

  func move(_ name: String, to other: String) throws {
    try FileManager.default.moveItem(atPath: place(name), toPath: place(other))
  }

  /// Every file and folder beneath `name`, hidden ones too, in order.
  func listing(_ name: String = "") -> [String] {
    (FileManager.default.enumerator(atPath: place(name))?.compactMap { $0 as? String } ?? []).sorted()
  }

  /// Names that medfilter gives to files that are not whole yet.
  var temporaryFiles: [String] {
    listing().filter { ($0.split(separator: "/").last ?? "").hasPrefix(".medfilter-") }
  }

  // MARK: - Runs

  func start(_ arguments: [String], under prefix: [String] = [], closing: [Int32] = []) throws -> Running {
    runs += 1
    return try Running(
      prefix + [Program.path] + arguments, in: folder, environment: Program.environment.merging(environment) { $1 },
      streams: "\(path)/streams/\(runs)", closing: closing)
  }

  /// Runs the program to its end.
  @discardableResult
  func medfilter(_ arguments: String..., under prefix: [String] = []) throws -> Outcome {
    try start(arguments, under: prefix).finish()
  }

  // MARK: - What the program wrote

  /// The lines of the log as objects.
  func records(_ root: String = "out") throws -> [[String: Any]] {
    try text("\(root)/provenance.jsonl").split(separator: "\n").compactMap { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    }
  }

  /// `summary.json`: a count by name.
  func summary(_ count: String, of root: String = "out") throws -> Int? {
    let document = try JSONSerialization.jsonObject(with: Data(bytes("\(root)/summary.json") ?? []))
    return (document as? [String: Any])?[count] as? Int
  }
}

extension Scratch {
  /// `summary.json`: what it says of each scan.
  func summaryScans(of root: String = "out") throws -> [[String: Any]] {
    let document = try JSONSerialization.jsonObject(with: Data(bytes("\(root)/summary.json") ?? []))
    return (document as? [String: Any])?["scans"] as? [[String: Any]] ?? []
  }
}

/// A job file with defaults that suit most tests; each part can be said otherwise.
struct TestJob {
  var name = "test"
  var input = #"{"root": "in"}"#
  var filters = #"[{"filter": "box", "size_vox": 3}]"#
  var outputRoot = "out"
  var format = "nii"
  /// More keys of `output`, each with a comma in front.
  var output = ""
  var policy = "{}"
  /// In force unless the command line says otherwise.
  var threads = 2

  var text: String {
    """
    {"medfilter": 1, "name": "\(name)", "input": \(input), "filters": \(filters),
     "output": {"root": "\(outputRoot)", "format": "\(format)"\(output)}, "policy": \(policy),
     "resources": {"threads": \(threads)}}

    """
  }

  /// Work for a while: a kernel that is no product of lines.
  static let slowFilters =
    #"[{"filter": "kernel", "weights": [[[1,2,1],[2,5,2],[1,2,1]],[[2,5,2],[5,9,5],[2,5,2]],[[1,2,1],[2,5,2],[1,2,1]]], "method": "dense", "normalise": "sum"}]"#
}

extension Scratch {
  /// An archive of three sound scans and a job for it.
  static func threeScans(_ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(.noise(8, 7, 6, seed: 1), to: "in/a.nii")
    try scratch.write(.noise(8, 7, 6, seed: 2), to: "in/sub/b.nii.gz")
    try scratch.write(.noise(5, 4, 3, 2, type: .uint8, seed: 3), to: "in/sub/c.nii")
    var job = TestJob()
    change(&job)
    try scratch.write(job)
    return scratch
  }

  static let threeOutputs = ["a.nii", "sub/b.nii", "sub/c.nii"]

  /// The output scans beneath a root.
  func outputs(_ root: String = "out") -> [String] {
    listing(root).filter { $0.hasSuffix(".nii") || $0.hasSuffix(".nii.gz") || $0.hasSuffix(".nii.zst") }
  }
}
