import ByteStreams
import DurableIO
import Glibc

/// Compares the files that a log names with what it says of them.
struct FileCheck {
  private(set) var outputs = 0
  private(set) var inputs = 0
  private(set) var problems: [Problem] = []
  private(set) var warnings: [Problem] = []
  private let entries: [LogHistory.Entry]

  /// A later output of the same name counts instead of an earlier one.
  init(history: LogHistory) {
    entries = history.outputs.values.sorted { $0.line < $1.line }
  }

  /// - Throws: only when the output tree cannot be listed.
  mutating func checkOutputs(beneath root: OpenFolder) throws(DurableFailure) {
    let hidden = entries.filter { $0.record.output.isNameHidden }
    for entry in entries where !entry.record.output.isNameHidden { checkOutput(entry, beneath: root) }
    let scans = try Self.scans(beneath: root)
    if hidden.isEmpty {
      let named = Set(entries.map(\.record.output.name))
      warnings += scans.filter { !named.contains($0) }.map { name in
        Problem(.unrecorded, line: nil, expected: "an output record for every scan", found: "none for \(name)")
      }
    } else {
      checkHidden(hidden, among: scans, beneath: root)
    }
  }

  private mutating func checkOutput(_ entry: LogHistory.Entry, beneath root: OpenFolder) {
    let output = entry.record.output
    outputs += 1
    do {
      let found = try root.file(at: output.name).digest()
      if found == output.sha256 { return }
      report(.outputChanged, entry, output, found: "SHA-256 \(found)")
    } catch {
      report(error.isMissing ? .outputMissing : .outputChanged, entry, output, found: "\(error)")
    }
  }

  /// Names that are keyed hashes lead to no file, but the digests of all files tell whether one is missing or changed.
  private mutating func checkHidden(_ entries: [LogHistory.Entry], among scans: [String], beneath root: OpenFolder) {
    let found = Set(scans.compactMap { name in try? root.file(at: name).digest() })
    for entry in entries {
      outputs += 1
      let output = entry.record.output
      if !found.contains(output.sha256) { report(.outputMissing, entry, output, found: "no file with that digest") }
    }
  }

  /// - Throws: when the folder cannot be opened.
  mutating func checkInputs(beneath path: String, links: LinkPolicy) throws(DurableFailure) {
    let root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { throw DurableFailure(.openFolder, errno, path) }
    defer { close(root) }
    var seen: Set<RecordedFile> = []
    for entry in entries {
      for input in entry.record.inputs where input.role != "mask" && !input.isNameHidden && seen.insert(input).inserted
      {
        checkInput(input, entry, root: root, links: links)
      }
    }
  }

  private mutating func checkInput(_ input: RecordedFile, _ entry: LogHistory.Entry, root: Int32, links: LinkPolicy) {
    inputs += 1
    do {
      let found = try FileSource(root: root, path: input.name, links: links).finish()
      if found != input.sha256 { report(.inputChanged, entry, input, found: "SHA-256 \(found)") }
    } catch {
      report(.inputMissing, entry, input, found: "\(error)")
    }
  }

  private mutating func report(
    _ kind: Problem.Kind, _ entry: LogHistory.Entry, _ file: RecordedFile, found: String
  ) {
    let expected = "\(file.name) with SHA-256 \(file.sha256)"
    problems.append(Problem(kind, line: entry.line, expected: expected, found: found))
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
  var isNameHidden: Bool { name.hasPrefix("hmac:") }
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
