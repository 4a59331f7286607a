import ByteStreams
import DurableIO
import Volumes

/// Gives the digest of a scan's voxels as stored, or throws why there is none.
///
/// - Parameters:
///   - folder: the path of the root.
///   - name: of the scan, relative to it. Its bytes were found to be as recorded, by whatever links led there.
package typealias VoxelReading = @Sendable (_ folder: String, _ name: String) throws(ScanFailure) -> Digest

/// Looks whether a log is whole, and whether the files are still those that it names.
///
/// By itself a log proves that its lines fit together and fit the head. Whoever can write both can make new ones that fit
/// as well; lines behind the last head can be cut off unnoticed. A key and copies of heads show both.
///
/// A run may be going on meanwhile: the log is read before the files, and again when something is wrong and it has grown,
/// because a file that has a name was announced before.
package struct LogVerifier {
  package struct Options: Sendable {
    /// Hash every output again, beneath the folder of the log.
    package var outputs = true
    /// How outputs are called in a log with hidden names; nil where neither the key nor the map of names is at hand.
    package var outputNaming: OutputNaming?
    /// Hash every input again, beneath this folder.
    package var inputRoot: String?
    /// How far links among the inputs may lead; nil as far as the job let them that read them.
    package var inputLinks: LinkPolicy?
    /// Gives the path that a keyed hash stands for in the log; nil where nobody has the key, and such inputs are left out.
    package var inputPaths: (@Sendable (_ name: String, _ links: LinkPolicy) -> String?)?
    /// Decompresses the voxels of a scan beneath a folder to compare them too; nil leaves that out.
    package var voxels: VoxelReading?
    /// Keys that may have signed the head. Without any, the log's own word on its key is taken.
    package var keys: [PublicKey] = []
    /// Copies of heads that the log must still fit.
    package var copies: [HeadCopies] = []

    package init() {}
  }

  private let folder: OpenFolder
  private let folderPath: String
  private let place: LogPlace
  private let options: Options

  /// - Parameters:
  ///   - path: of the log; its head lies beside it, with `.head` instead of `.jsonl`.
  /// - Throws: when the log cannot be read at all. Everything else is a problem in the report.
  /// - Complexity: reads the log once and, where asked for, every file that it names.
  package static func verify(
    logPath path: String, options: Options = Options(), disk: any Disk = SystemDisk()
  ) throws(DurableFailure) -> VerifyReport {
    let (folderPath, name) = LogPlace.split(path)
    let folder = try OpenFolder(followingLinks: folderPath, disk: disk)
    // Here a missing log is an error, not an empty log.
    _ = try folder.publishedFile(at: name)
    let verifier = LogVerifier(folder: folder, folderPath: folderPath, place: LogPlace(log: name), options: options)
    return try verifier.report()
  }

  /// How often a log that grows meanwhile is looked at.
  private static let mostLooks = 4

  private func report() throws(DurableFailure) -> VerifyReport {
    var report = try look()
    for _ in 1..<Self.mostLooks where !report.damage.isEmpty && hasGrown(since: report) { report = try look() }
    return report
  }

  private func hasGrown(since report: VerifyReport) -> Bool {
    guard let now = try? folder.publishedFile(at: place.log).status() else { return false }
    return now != report.log
  }

  private func look() throws(DurableFailure) -> VerifyReport {
    let holder = FolderLock.holder(of: folder)
    let log = try folder.publishedFile(at: place.log).status()
    let reading = try LogReading(place, beneath: folder, keys: options.keys, copies: options.copies)
    let outputs =
      options.outputs
      ? try OutputCheck(
        reading.scan.history, beneath: folder, at: folderPath, naming: options.outputNaming, voxels: options.voxels)
      : nil
    let inputs = try options.inputRoot.map { (root) throws(DurableFailure) in
      try InputCheck(reading.scan.history, beneath: root, log: folder, options: options)
    }
    return try report(reading, log, outputs, inputs, holder ?? FolderLock.holder(of: folder))
  }

  private func report(
    _ reading: LogReading, _ log: FileStatus, _ outputs: OutputCheck?, _ inputs: InputCheck?, _ holder: String?
  ) throws(DurableFailure) -> VerifyReport {
    let scan = reading.scan
    let cutOff = cutOffProblems(scan)
    let damage =
      reading.problems + cutOff.others + (try strayLogs(beside: reading)) + keptParts(scan.history)
      + (outputs?.problems ?? []) + (inputs?.problems ?? [])
    let files = (outputs?.unfinished ?? []).filter { $0.kind == .temporary || scan.history.openRun != nil }
    return VerifyReport(
      logID: scan.chain.logID, logs: reading.earlier.count + 1, lines: reading.lines, history: scan.history,
      signer: scan.heads.signer(scan.history), copiesChecked: reading.copies, outputsChecked: outputs?.outputs ?? 0,
      inputsChecked: inputs?.inputs ?? 0, nestedRoots: outputs?.nestedRoots ?? 0, holder: holder, log: log,
      damage: damage, unfinished: cutOff.unfinished + files,
      warnings: reading.warnings + (outputs?.warnings ?? []) + (inputs?.warnings ?? []))
  }

  /// What of the log itself a run that was cut off explains.
  private func cutOffProblems(_ scan: LogScan) -> (unfinished: [Problem], others: [Problem]) {
    var unfinished = scan.sortedProblems.cutOff
    if let run = scan.history.openRun { unfinished.append(LogHistory.unfinished(run, found: "the end of the log")) }
    unfinished += scan.warnings.filter { $0.kind == .notCovered }
    guard scan.bytes == 0 else { return (unfinished, []) }
    // Between the log's beginning and its first line, there is no head.
    let noLines = Problem(.genesis, line: nil, expected: "at least one line", found: "none")
    return scan.heads.hasHead ? (unfinished, [noLines]) : (unfinished + [noLines], [])
  }

  /// Logs that were put aside in this folder and that this one does not continue: it was begun anew.
  private func strayLogs(beside reading: LogReading) throws(DurableFailure) -> [Problem] {
    guard place.log == ProvenanceLog.name else { return [] }
    let known = reading.earlier.logIDs.union(reading.scan.chain.logID.map { [$0] } ?? [])
    return try folder.names().filter { name in LogPlace.earlierID(name).map { !known.contains($0) } ?? false }.map {
      Problem(.continued, line: 1, expected: "a log that continues \($0)", found: "one that does not")
    }
  }

  private func keptParts(_ history: LogHistory) -> [Problem] {
    history.keptParts.sorted { $0.value < $1.value }.compactMap { part, line in
      do throws(Problem) {
        _ = try part.content(beneath: folder)
        return nil
      } catch {
        return Problem(error.kind, line: line, expected: error.expected, found: error.found)
      }
    }
  }
}
