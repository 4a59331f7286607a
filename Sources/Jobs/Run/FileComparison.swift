import ByteStreams
import DurableIO
import Parallel
import Provenance
import Synchronization
import VolumeIO
import Volumes

/// Compares files with what the log recorded of them, by content or by less. For any thread.
final class FileComparison: Sendable {
  /// What is enough.
  enum Standard: Sendable {
    /// Everything is read.
    case content
    /// Size, times and inode as recorded are enough; all else is read.
    case stat
    /// For a forecast, which must not read an archive: as `stat` as far as so many bytes go. Beyond that, a file that was
    /// changed last before the log recorded it is taken for unchanged, and others go by their size.
    case forecast(bytes: Int)
  }

  /// What comparisons came to rest on.
  struct Basis: Sendable {
    var readFiles = 0
    var readBytes = 0
    /// Size, times and inode were as recorded, or no change is younger than the record.
    var byTimes = 0
    var bySize = 0
  }

  let standard: Standard
  private let naming: ScanNaming
  private let cancellation: Cancellation
  private let seen = Mutex(Basis())

  init(_ standard: Standard, naming: ScanNaming, cancellation: Cancellation) {
    (self.standard, self.naming, self.cancellation) = (standard, naming, cancellation)
  }

  var basis: Basis { seen.withLock { $0 } }

  /// One recorded file.
  struct Known {
    let sha256: Digest
    let bytes: Int
    /// `FileFacts` as the log holds them.
    let stat: RecordedFacts?
    /// Until when no change counts, in nanoseconds since 1970; nil where nobody knows.
    let time: Int?
    /// Whether it is of the job's own archive; of another one, a file of the same size and name is another person's.
    let isOwn: Bool
  }

  /// - Parameter digest: reads the file.
  func isSame(_ known: Known, _ facts: FileFacts?, digest: () throws -> Digest) throws -> Bool {
    guard facts.map({ $0.bytes == known.bytes }) != false else { return false }
    switch way(known, facts) {
    case .byTimes: return true
    case .bySize:
      seen.withLock { $0.bySize += 1 }
      return known.isOwn
    case .reading:
      let same = try digest() == known.sha256
      try cancellation.check()
      return same
    }
  }

  private enum Way { case byTimes, bySize, reading }

  private func way(_ known: Known, _ facts: FileFacts?) -> Way {
    if case .content = standard { return noteReading(known.bytes) }
    guard let facts else { return noteReading(known.bytes) }
    if known.stat == naming.shown(facts) { return noteTimes() }
    guard case .forecast(let most) = standard else { return noteReading(known.bytes) }
    if basis.readBytes.addingSaturating(known.bytes) <= most { return noteReading(known.bytes) }
    guard known.isOwn, let time = known.time, facts.wouldShowChange(after: time) else { return .bySize }
    return noteTimes()
  }

  private func noteTimes() -> Way {
    seen.withLock { $0.byTimes += 1 }
    return .byTimes
  }

  private func noteReading(_ bytes: Int) -> Way {
    seen.withLock { seen in
      seen.readFiles += 1
      seen.readBytes = seen.readBytes.addingSaturating(bytes)
    }
    return .reading
  }
}

extension FileComparison {
  /// Whether a scan's files are still what the log recorded, and how they look now.
  ///
  /// - Returns: nil when they have changed.
  /// - Throws: `ScanFailure` when they cannot be read, `Cancelled`.
  func unchangedFiles(
    of scan: PlannedScan, in place: ScanPlace, since record: ScanRecord, stat: RecordedStat?, time: Int?,
    isOwn: Bool
  ) throws -> [RecordedFacts?]? {
    // The scan's own files come first, then those of the scans that it brings along.
    let recorded = record.inputs
    var sources = try FileDigests.sources(of: scan.file, in: place)
    for companion in (try? scan.content.get())?.companions ?? [] {
      sources += try FileDigests.sources(of: companion.path, in: .anywhere)
    }
    guard sources.map(\.byteCount) == recorded.map(\.bytes) else { return nil }
    for (index, (source, file)) in zip(sources, recorded).enumerated() {
      let looks = stat?.inputs ?? []
      let known = Known(
        sha256: file.sha256, bytes: file.bytes, stat: looks.indices.contains(index) ? looks[index] : nil, time: time,
        isOwn: isOwn)
      guard try isSame(known, source.facts, digest: { try source.digest(cancellation) }) else { return nil }
    }
    return sources.map { $0.lastingFacts.map(naming.shown) }
  }

  /// An output that lies in the tree, looked at once.
  final class Output {
    let facts: FileFacts?
    private let file: StoredFile
    private let cancellation: Cancellation
    private var read: Digest?

    fileprivate init(_ file: StoredFile, _ cancellation: Cancellation) throws(ScanFailure) {
      facts = try onDisk(.plan) { () throws(DurableFailure) in try file.status().facts }
      (self.file, self.cancellation) = (file, cancellation)
    }

    fileprivate func digest() throws -> Digest {
      if let read { return read }
      var hash = SHA256()
      try onDisk(.plan) { () throws(DurableFailure) in
        try file.forEachPiece { piece in
          hash.update(piece)
          return !cancellation.isCancelled
        }
      }
      try cancellation.check()
      let digest = hash.finalise()
      read = digest
      return digest
    }
  }

  /// The file at a path below the output root; nil when there is nothing.
  ///
  /// - Throws: `EISDIR`, `ELOOP` and their like when something else than a file is there.
  func output(at path: String, in root: OpenFolder) throws(ScanFailure) -> Output? {
    let file: StoredFile
    do throws(DurableFailure) {
      // Also where `datalad save` has made a link of it.
      file = try root.publishedFile(at: path)
    } catch {
      if error.isMissing {
        guard ((try? root.status(of: path)) ?? nil)?.kind != .link else { throw .outputNotHere }
        return nil
      }
      throw ScanFailure(error, .plan)
    }
    return try Output(file, cancellation)
  }

  /// Whether an output is the one that an entry tells of.
  func isSame(_ output: Output, as entry: LogHistory.Entry) throws -> Bool {
    let file = entry.record.output
    // It got its name a moment before it was recorded.
    let time = Timestamp(entry.time).map { $0.nanoseconds + 5_000_000_000 }
    let known = Known(sha256: file.sha256, bytes: file.bytes, stat: entry.stat?.output, time: time, isOwn: true)
    return try isSame(known, output.facts) { try output.digest() }
  }
}

extension FileStatus {
  /// Nil on a disk that keeps no times.
  var facts: FileFacts? {
    changed == 0 ? nil : FileFacts(bytes: size, modified: modified, changed: changed, inode: identity.inode)
  }
}

extension Timestamp {
  var nanoseconds: Int { microseconds * 1000 }
}

extension FileSource {
  /// The file's digest; asks on the way whether to stop.
  fileprivate func digest(_ cancellation: Cancellation) throws -> Digest {
    try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 64) { buffer in
      // Not beyond the announced end: a file that grows for ever would hold us.
      while position < byteCount, try read(into: buffer) > 0 {
        settle()
        try cancellation.check()
      }
    }
    return try finish()
  }
}
