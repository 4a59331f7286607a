import ByteStreams
import DurableIO

/// Looks whether a log is whole, and whether the files are still those that it names.
///
/// Without signatures it proves that the lines fit together and fit the head. Whoever can write both can make new ones
/// that fit as well; lines behind the last head can be cut off unnoticed.
package struct LogVerifier {
  package struct Options: Sendable {
    /// Hash every output again, beneath the folder of the log.
    package var outputs = true
    /// Hash every input again, beneath this folder.
    package var inputRoot: String?
    package var inputLinks = LinkPolicy.withinRoot

    package init() {}
  }

  /// - Parameters:
  ///   - path: of the log; its head lies beside it, with `.head` instead of `.jsonl`.
  /// - Throws: when the log cannot be read at all. Everything else is a problem in the report.
  /// - Complexity: reads the log once and, where asked for, every file that it names.
  package static func verify(
    logPath path: String, options: Options = Options(), disk: any Disk = SystemDisk()
  ) throws(DurableFailure) -> VerifyReport {
    let (folderPath, name) = split(path)
    let folder = try OpenFolder(followingLinks: folderPath, disk: disk)
    // Here a missing log is an error, not an empty log.
    _ = try folder.file(at: name)
    let scan = try LogScan(beneath: folder, log: name, head: headName(of: name))
    var check = FileCheck(history: scan.history)
    if options.outputs { try check.checkOutputs(beneath: folder) }
    if let root = options.inputRoot { try check.checkInputs(beneath: root, links: options.inputLinks) }
    let unfinished = scan.history.openRun.map { LogHistory.unfinished($0, found: "the end of the log") }
    let noLines = Problem(.genesis, line: nil, expected: "at least one line", found: "none")
    return VerifyReport(
      logID: scan.chain.logID, lines: scan.chain.lines, outputsChecked: check.outputs, inputsChecked: check.inputs,
      problems: scan.problems + (scan.bytes == 0 ? [noLines] : []) + (unfinished.map { [$0] } ?? []) + check.problems,
      warnings: scan.warnings + check.warnings)
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }

  private static func headName(of name: String) -> String {
    (name.hasSuffix(".jsonl") ? String(name.dropLast(6)) : name) + ".head"
  }
}
