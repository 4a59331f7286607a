import ByteStreams
import DurableIO
import Glibc
import Volumes

/// Compares the files that a log names with what it says of them.
struct FileCheck {
  private(set) var outputs = 0
  private(set) var inputs = 0
  private(set) var problems: [Problem] = []
  private(set) var warnings: [Problem] = []
  private let entries: [LogHistory.Entry]
  /// Announced outputs: whether they got their names was never told.
  private let announced: [LogHistory.Entry]
  private let voxels: VoxelReading?

  /// A later output of the same name counts instead of an earlier one.
  init(history: LogHistory, voxels: VoxelReading?) {
    entries = history.inOrder
    announced = Array(history.prepared.values)
    self.voxels = voxels
  }

  /// - Parameter path: of the root, for whoever reads voxels.
  /// - Throws: only when the output tree cannot be listed.
  mutating func checkOutputs(beneath root: OpenFolder, at path: String) throws(DurableFailure) {
    let hidden = entries.filter { $0.record.output.isNameHidden }
    for entry in entries where !entry.record.output.isNameHidden { checkOutput(entry, beneath: root, at: path) }
    let scans = try Self.scans(beneath: root)
    if hidden.isEmpty {
      let named = Set((entries + announced).map(\.record.output.name))
      for name in scans where !named.contains(name) { reportUnrecorded(name) }
    } else {
      checkHidden(hidden, among: scans, beneath: root, at: path)
    }
  }

  private mutating func checkOutput(_ entry: LogHistory.Entry, beneath root: OpenFolder, at path: String) {
    let output = entry.record.output
    outputs += 1
    do {
      let found = try root.file(at: output.name).digest()
      guard found == output.sha256 else { return report(.outputChanged, entry, output, found: "SHA-256 \(found)") }
      checkVoxels(of: output, in: output.name, entry, beneath: path)
    } catch {
      report(error.isMissing ? .outputMissing : .outputChanged, entry, output, found: "\(error)")
    }
  }

  /// Names that are keyed hashes lead to no file, but the digests of all files tell whether one is missing or changed.
  private mutating func checkHidden(
    _ entries: [LogHistory.Entry], among scans: [String], beneath root: OpenFolder, at path: String
  ) {
    var names: [Digest: String] = [:]
    for name in scans {
      guard let digest = try? root.file(at: name).digest() else { continue }
      names[digest] = name
    }
    for entry in entries {
      outputs += 1
      let output = entry.record.output
      guard let name = names[output.sha256] else {
        report(.outputMissing, entry, output, found: "no file with that digest")
        continue
      }
      checkVoxels(of: output, in: name, entry, beneath: path)
    }
    let known = Set((entries + announced).map(\.record.output.sha256))
    // Their names are not told: they may be those of patients.
    for digest in names.keys.sorted(by: { $0.hex < $1.hex }) where !known.contains(digest) {
      reportUnrecorded("a file with SHA-256 \(digest)")
    }
  }

  private mutating func reportUnrecorded(_ name: String) {
    problems.append(
      Problem(.unrecorded, line: nil, expected: "an output record for every scan", found: "none for \(name)"))
  }

  /// - Parameter paths: gives the path that a keyed hash stands for; nil where nobody has the key.
  /// - Throws: when the folder cannot be opened.
  mutating func checkInputs(
    beneath path: String, links: LinkPolicy, paths: ((String) -> String?)?
  ) throws(DurableFailure) {
    let root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { throw DurableFailure(.openFolder, errno, path) }
    defer { close(root) }
    var seen: Set<RecordedFile> = []
    var skipped = 0
    for entry in entries {
      for input in entry.record.inputs where input.role != "mask" && seen.insert(input).inserted {
        if input.isNameHidden, paths == nil {
          skipped += 1
        } else if let name = input.isNameHidden ? paths?(input.name) : input.name {
          checkInput(input, in: name, entry, root: root, path: path, links: links)
        } else {
          report(.inputMissing, entry, input, found: "no file whose name has this keyed hash")
        }
      }
    }
    guard skipped > 0 else { return }
    warnings.append(
      Problem(.notCompared, line: nil, expected: "the key of the names", found: "none for \(skipped) inputs"))
  }

  private mutating func checkInput(
    _ input: RecordedFile, in name: String, _ entry: LogHistory.Entry, root: Int32, path: String, links: LinkPolicy
  ) {
    inputs += 1
    do {
      let found = try FileSource(root: root, path: name, links: links).finish()
      guard found == input.sha256 else { return report(.inputChanged, entry, input, found: "SHA-256 \(found)") }
      checkVoxels(of: input, in: name, entry, beneath: path)
    } catch {
      report(.inputMissing, entry, input, found: "\(error)")
    }
  }

  private mutating func checkVoxels(
    of file: RecordedFile, in name: String, _ entry: LogHistory.Entry, beneath path: String
  ) {
    guard let voxels, let expected = file.voxels else { return }
    do throws(ScanFailure) {
      let found = try voxels(path, name)
      if found != expected {
        let sentence = "voxels of \(file.name) with SHA-256 \(expected)"
        report(Problem(.voxels, line: entry.line, expected: sentence, found: "\(found)"), entry)
      }
    } catch {
      report(.voxels, entry, file, found: "\(error)")
    }
  }

  private mutating func report(
    _ kind: Problem.Kind, _ entry: LogHistory.Entry, _ file: RecordedFile, found: String
  ) {
    let expected = "\(file.name) with SHA-256 \(file.sha256)"
    report(Problem(kind, line: entry.line, expected: expected, found: found), entry)
  }

  private mutating func report(_ problem: Problem, _ entry: LogHistory.Entry) {
    problems.append(entry.log.map(problem.inEarlier) ?? problem)
  }

  /// The paths of all files that look like our outputs, sorted.
  private static func scans(beneath root: OpenFolder) throws(DurableFailure) -> [String] {
    var scans: [String] = []
    try root.forEachFolder { folder, names in
      for name in names where [".nii", ".nii.gz", ".nii.zst"].contains(where: name.hasSuffix) {
        scans.append(folder.path(of: name))
      }
    }
    return scans.sorted()
  }
}

extension RecordedFile {
  /// Whether the name is a keyed hash.
  package var isNameHidden: Bool { name.hasPrefix("hmac:") }
}

extension StoredFile {
  fileprivate func digest() throws(DurableFailure) -> Digest {
    var hash = SHA256()
    try forEachPiece { piece in
      hash.update(piece)
      return true
    }
    return hash.finalise()
  }
}
