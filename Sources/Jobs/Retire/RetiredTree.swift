import ByteStreams
import DurableIO
import Provenance
import StrictJSON

/// An output tree whose log is continued outside of a run.
final class RetiredTree {
  private let folder: OutputFolder
  private let lock: FolderLock
  private let log: ProvenanceLog
  private let naming: OutputNaming?

  var history: LogHistory { log.history }

  /// - Parameter path: of the log.
  init(_ path: String, _ options: ProvenanceLog.Options) throws(JobRefusal) {
    let (root, name) = LogPlace.split(path)
    try Self.requireLog(path, in: root, named: name)
    naming = try OutputNaming.ofOutputs(inFolderOf: path)
    do throws(DurableFailure) {
      folder = try OutputFolder(path: root)
    } catch {
      throw .outputUnusable("\(path): the folder of the log cannot be written: \(error)")
    }
    do throws(FolderLock.Failure) {
      lock = try FolderLock(folder)
    } catch {
      switch error {
      case .held(let holder): throw .locked("a run holds the output root (\(holder)); do this again when it is done")
      case .disk(let failure): throw .outputUnusable("\(path): \(failure)")
      }
    }
    do {
      log = try ProvenanceLog.open(in: folder, holding: lock, options: options.placed(at: root))
    } catch {
      throw .logFailed("\(path): the log cannot be continued: \(error)")
    }
  }

  func close() { lock.release() }

  /// Nothing is made where no log is.
  private static func requireLog(_ path: String, in root: String, named name: String) throws(JobRefusal) {
    do throws(DurableFailure) {
      _ = try OpenFolder(followingLinks: root).publishedFile(at: name)
    } catch {
      let hint = error.isFolder ? "; the log of an output root is the file provenance.jsonl in it" : ""
      throw .noInput("\(path): \(error)\(hint)")
    }
    guard name == ProvenanceLog.name else {
      throw .badJob(["\(path): expected the log that is being written, \(ProvenanceLog.name) in the output root"])
    }
  }

  func append(_ type: RecordType, _ fields: [(String, JSONOutput)]) throws(JobRefusal) {
    try logged { () throws(ProvenanceFailure) in try log.append(type: type, fields: fields) }
  }

  /// Makes the head cover what was recorded.
  func finish() throws(JobRefusal) {
    try logged { () throws(ProvenanceFailure) in try log.publishHead() }
  }

  private func logged<Value>(_ body: () throws(ProvenanceFailure) -> Value) throws(JobRefusal) {
    do throws(ProvenanceFailure) {
      _ = try body()
    } catch {
      throw .logFailed("the log cannot be written: \(error)")
    }
  }

  // MARK: - Outputs

  func look(at output: RecordedFile) -> Retirement.Report.Output {
    guard let path = path(of: output) else { return .init(name: output.name, state: .unknown) }
    do throws(DurableFailure) {
      let isAsRecorded = try folder.root.publishedFile(at: path).digest() == output.sha256
      return .init(name: output.name, state: isAsRecorded ? .there : .changed)
    } catch {
      return .init(name: output.name, state: error.isMissing ? .absent : .changed)
    }
  }

  /// Removes an output that is as it was recorded.
  func remove(_ output: Retirement.Report.Output) throws(JobRefusal) -> Retirement.Report.Output {
    guard output.state == .there, let path = path(named: output.name) else { return output }
    do throws(DurableFailure) {
      try folder.remove(path)
    } catch {
      throw .logFailed("the scans are recorded as withdrawn, but an output cannot be removed: \(error)")
    }
    return .init(name: output.name, state: .removed)
  }

  private func path(of output: RecordedFile) -> String? { path(named: output.name) }

  private func path(named name: String) -> String? {
    guard name.hasPrefix("hmac:") else { return name }
    guard let naming else { return nil }
    return naming.path(of: name, beneath: folder.root)
  }
}
