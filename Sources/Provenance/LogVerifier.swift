import ByteStreams
import DurableIO
import Volumes

/// Gives the digest of a scan's voxels as stored, or throws why there is none.
///
/// - Parameters:
///   - folder: the path of the root.
///   - name: of the scan, relative to it.
package typealias VoxelReading = @Sendable (_ folder: String, _ name: String) throws(ScanFailure) -> Digest

/// Looks whether a log is whole, and whether the files are still those that it names.
///
/// By itself a log proves that its lines fit together and fit the head. Whoever can write both can make new ones that fit
/// as well; lines behind the last head can be cut off unnoticed. A key and copies of heads show both.
package struct LogVerifier {
  package struct Options: Sendable {
    /// Hash every output again, beneath the folder of the log.
    package var outputs = true
    /// Hash every input again, beneath this folder.
    package var inputRoot: String?
    /// Links may lead anywhere, as the job may have let them: only digests come of it.
    package var inputLinks = LinkPolicy.follow
    /// Gives the path that a keyed hash stands for in the log; nil where nobody has the key, and such inputs are left out.
    package var inputPaths: (@Sendable (String) -> String?)?
    /// Decompresses the voxels of a scan beneath a folder to compare them too; nil leaves that out.
    package var voxels: VoxelReading?
    /// Keys that may have signed the head. Without any, the log's own word on its key is taken.
    package var keys: [PublicKey] = []
    /// Copies of heads that the log must still fit.
    package var copies: [HeadCopies] = []

    package init() {}
  }

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
    _ = try folder.file(at: name)
    let reading = try LogReading(LogPlace(log: name), beneath: folder, keys: options.keys, copies: options.copies)
    let scan = reading.scan
    var check = FileCheck(history: scan.history, voxels: options.voxels)
    if options.outputs { try check.checkOutputs(beneath: folder, at: folderPath) }
    if let root = options.inputRoot {
      try check.checkInputs(beneath: root, links: options.inputLinks, paths: options.inputPaths)
    }
    let unfinished = scan.history.openRun.map { LogHistory.unfinished($0, found: "the end of the log") }
    let noLines = Problem(.genesis, line: nil, expected: "at least one line", found: "none")
    return VerifyReport(
      logID: scan.chain.logID, logs: reading.earlier.count + 1, lines: reading.lines, history: scan.history,
      signer: scan.heads.signer(scan.history), copiesChecked: reading.copies, outputsChecked: check.outputs,
      inputsChecked: check.inputs,
      problems: reading.problems + (scan.bytes == 0 ? [noLines] : []) + (unfinished.map { [$0] } ?? [])
        + check.problems,
      warnings: reading.warnings + check.warnings)
  }
}
