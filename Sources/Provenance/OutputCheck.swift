import ByteStreams
import DurableIO
import Volumes

/// How a path of the output tree is called in a log whose names are keyed hashes.
package struct OutputNaming: Sendable {
  /// Tells the key from others; nil where the names come from the map beside the log, which proves nothing.
  let keyID: String?
  /// Nil for a path that the map does not know.
  let name: @Sendable (_ path: String) -> String?

  package init(keyID: String?, name: @escaping @Sendable (_ path: String) -> String?) {
    self.keyID = keyID
    self.name = name
  }

  /// The file of an output tree that a name in the log stands for; nil when there is none.
  package func path(of name: String, beneath root: OpenFolder) -> String? {
    let search = try? TreeSearch(root)
    return search?.scans.first { $0.mayBeOutput && self.name($0.path) == name }?.path
  }
}

/// Compares an output tree with what a log says of it.
struct OutputCheck {
  private(set) var outputs = 0
  private(set) var problems: [Problem] = []
  private(set) var warnings: [Problem] = []
  /// What an unfinished run leaves.
  private(set) var unfinished: [Problem] = []
  private(set) var nestedRoots = 0

  private let history: LogHistory
  private let voxels: VoxelReading?
  private let naming: OutputNaming?
  private let root: OpenFolder
  private let path: String
  private let search: TreeSearch
  /// Paths by the names that a log with hidden names has for them.
  private var hidden: [ExactName: String] = [:]
  /// Whether any name in the log is a keyed hash.
  private let hidesNames: Bool
  /// Paths that some record accounts for.
  private var accounted: Set<ExactName> = []

  /// - Parameters:
  ///   - history: a later output of the same name counts instead of an earlier one.
  ///   - path: of the root, for whoever reads voxels.
  /// - Throws: only when the output tree cannot be listed.
  init(
    _ history: LogHistory, beneath root: OpenFolder, at path: String, naming: OutputNaming?, voxels: VoxelReading?
  ) throws(DurableFailure) {
    (self.history, self.root, self.path, self.naming, self.voxels) = (history, root, path, naming, voxels)
    search = try TreeSearch(root)
    hidesNames = [history.outputs, history.prepared, history.withdrawn.outputs].contains { entries in
      entries.values.contains { $0.record.output.isNameHidden }
    }
    for scan in search.scans where scan.mayBeOutput {
      if let name = naming?.name(scan.path) { hidden[ExactName(name)] = scan.path }
    }
    checkAll()
  }

  private mutating func checkAll() {
    let published = history.inOrder
    outputs = published.count
    checkAnnounced()
    let unnamed = published.filter { !checkByName($0) }
    checkByContent(unnamed)
    reportStrangers()
    for file in search.temporary {
      unfinished.append(Problem(.temporary, line: nil, expected: "whole files only", found: shown(file)))
    }
    for (folder, reason) in search.closed {
      problems.append(
        Problem(.notSearched, line: nil, expected: "to look into every folder", found: "\(shown(folder)): \(reason)"))
    }
    nestedRoots = search.nestedRoots.count
  }

  // MARK: - By name

  /// - Returns: false when nobody can tell which file the record is about.
  private mutating func checkByName(_ entry: LogHistory.Entry) -> Bool {
    let output = entry.record.output
    guard output.isNameHidden else {
      check(entry, at: output.name)
      return true
    }
    guard let path = hidden[ExactName(output.name)] else {
      guard isBound(entry) else { return false }
      report(.outputMissing, entry, output, found: "no file whose name has this keyed hash")
      return true
    }
    check(entry, at: path)
    return true
  }

  /// Whether the key that the names of the record were made with is at hand.
  private func isBound(_ entry: LogHistory.Entry) -> Bool {
    guard let keyID = naming?.keyID else { return false }
    return entry.run?["names_key"]?.string.map { $0 == keyID } ?? true
  }

  private mutating func check(_ entry: LogHistory.Entry, at path: String) {
    let output = entry.record.output
    accounted.insert(ExactName(path))
    do {
      let found = try root.publishedFile(at: path).digest()
      if found == output.sha256 { return checkVoxels(of: output, in: path, entry) }
      // A run that was cut off behind the announcement may have replaced the file, or not.
      if let other = history.announcements(of: output.name).first(where: { $0.record.output.sha256 == found }) {
        return checkVoxels(of: other.record.output, in: path, other)
      }
      report(.outputChanged, entry, output, found: "SHA-256 \(found)")
    } catch {
      let isLink = error.isMissing && ((try? root.status(of: path)) ?? nil)?.kind == .link
      let found = isLink ? "a link of git-annex whose content is not here" : "\(error)"
      report(error.isMissing ? .outputMissing : .outputChanged, entry, output, found: found)
    }
  }

  /// An announced output either is not there yet or is what was announced.
  private mutating func checkAnnounced() {
    for entry in history.prepared.inOrder where history.outputs[entry.record.output.name] == nil {
      let output = entry.record.output
      let place = output.isNameHidden ? hidden[ExactName(output.name)] : output.name
      guard let place else { continue }
      accounted.insert(ExactName(place))
      do {
        let found = try root.publishedFile(at: place).digest()
        let known = history.announcements(of: output.name).contains { $0.record.output.sha256 == found }
        if !known { report(.outputChanged, entry, output, found: "SHA-256 \(found)") }
      } catch {
        if error.isMissing {
          unfinished.append(
            Problem(.announced, line: entry.line, expected: "the file that was announced", found: "none yet"))
        } else {
          report(.outputChanged, entry, output, found: "\(error)")
        }
      }
    }
  }

  // MARK: - By content

  /// Without the key, names that are keyed hashes lead to no file; but the digests of all files tell whether one is missing
  /// or changed. Whether two have changed places they do not.
  private mutating func checkByContent(_ entries: [LogHistory.Entry]) {
    let announced = history.prepared.values.filter { $0.record.output.isNameHidden && !isBound($0) }
    guard !entries.isEmpty || !announced.isEmpty else { return }
    var places: [Digest: [String]] = [:]
    for scan in search.scans.reversed() where scan.mayBeOutput && !accounted.contains(ExactName(scan.path)) {
      guard let digest = try? root.publishedFile(at: scan.path).digest() else { continue }
      places[digest, default: []].append(scan.path)
    }
    for entry in entries {
      let output = entry.record.output
      let wanted = [output.sha256] + history.announcements(of: output.name).map(\.record.output.sha256)
      guard let digest = wanted.first(where: { places[$0]?.isEmpty == false }), let place = places[digest]?.popLast()
      else {
        report(.outputMissing, entry, output, found: "no file with that digest")
        continue
      }
      accounted.insert(ExactName(place))
      if digest == output.sha256 { checkVoxels(of: output, in: place, entry) }
    }
    for digest in announced.map(\.record.output.sha256) {
      if let place = places[digest]?.popLast() { accounted.insert(ExactName(place)) }
    }
    guard !entries.isEmpty else { return }
    let found = "none for \(entries.count) outputs, which were known by their content alone"
    warnings.append(Problem(.notBound, line: nil, expected: "the key of the names", found: found))
  }

  // MARK: - Everything else

  private mutating func reportStrangers() {
    var neighbours = NeighbourLogs(of: root, at: path, nested: search.nestedRoots)
    for scan in search.scans where !accounted.contains(ExactName(scan.path)) {
      if let entry = withdrawn(scan) {
        warnings.append(
          Problem(
            .stillThere, line: entry.line, expected: "no output of a scan that was withdrawn",
            found: entry.record.output.name))
      } else if !scan.mayBeOutput || !neighbours.know(scan.path) {
        problems.append(
          Problem(
            .unrecorded, line: nil, expected: "an output record for every scan",
            found: "none for \(shown(scan.path))\(scan.what == "a file" ? "" : ", \(scan.what)")"))
      }
    }
  }

  private func withdrawn(_ scan: TreeSearch.Found) -> LogHistory.Entry? {
    guard scan.mayBeOutput else { return nil }
    if let entry = history.withdrawn.outputs[scan.path] { return entry }
    if let name = naming?.name(scan.path) { return history.withdrawn.outputs[name] }
    guard hidesNames, let digest = try? root.publishedFile(at: scan.path).digest()
    else { return nil }
    return history.withdrawn.outputs.values.first { $0.record.output.sha256 == digest }
  }

  /// Where names are hidden they may be those of patients: a file is then told by its digest.
  private func shown(_ path: String) -> String {
    guard hidesNames else { return path }
    guard let digest = try? root.publishedFile(at: path).digest() else { return "something whose name is hidden" }
    return "a file with SHA-256 \(digest)"
  }

  private mutating func checkVoxels(of file: RecordedFile, in name: String, _ entry: LogHistory.Entry) {
    guard let voxels else { return }
    if let problem = entry.voxelProblem(of: file, in: name, beneath: path, voxels) {
      problems.append(problem)
    }
  }

  private mutating func report(
    _ kind: Problem.Kind, _ entry: LogHistory.Entry, _ file: RecordedFile, found: String
  ) {
    problems.append(entry.problem(kind, file, found: found))
  }
}
