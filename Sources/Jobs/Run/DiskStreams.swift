import ByteStreams
import DurableIO
import Glibc
import Parallel
import Volumes

/// Writes a stream of bytes into a pending file, with their digest and with a checksum to compare the disk with.
final class PendingFileSink: ByteSink {
  private let file: PendingFile
  private let hash: HashLane
  /// Of all that was written.
  private(set) var checksum = Checksum()

  init(_ file: PendingFile, workers: Workers) {
    self.file = file
    hash = HashLane(workers: workers)
  }

  func write(_ bytes: UnsafeRawBufferPointer, leaving pieces: Int) throws(ScanFailure) {
    hash.add(bytes)
    // Whichever way this returns.
    defer { hash.wait(leaving: pieces) }
    checksum.update(bytes)
    try onDisk(.write) { () throws(DurableFailure) in try file.write(bytes) }
  }

  func settle() { hash.wait() }

  /// On the disk, and closed: network file systems report a full disk only then.
  func finish() throws(ScanFailure) {
    try onDisk(.write) { () throws(DurableFailure) in
      try file.sync()
      try file.close()
    }
  }

  /// Of all that was written. To be asked for once, at the end.
  func digest() -> Digest { hash.finalise() }
}

/// Does something on the output disk; its failure becomes the scan's.
func onDisk<Value>(
  _ phase: Phase, _ work: () throws(DurableFailure) -> Value
) throws(ScanFailure) -> Value {
  do throws(DurableFailure) {
    return try work()
  } catch {
    throw ScanFailure(error, phase)
  }
}

extension ScanFailure {
  /// What an output disk has against a scan's output.
  init(_ failure: DurableFailure, _ phase: Phase) {
    if failure.isExisting {
      self = .outputExists
      return
    }
    self.init(
      Self.failureClass(of: failure), phase, "output", expected: "to be able to \(failure.operation.rawValue)",
      found: failure.reason,
      advice: failure.isRefused ? "look at the owner and the mode of the file and of its folder" : nil)
  }

  /// A full or read-only disk is full for the next scan too; everything else may be one file's or one folder's.
  private static func failureClass(of failure: DurableFailure) -> FailureClass {
    if failure.isNoSpace { return .noSpace }
    if failure.code == EROFS { return .readOnlyDisk }
    if failure.isEscape { return .outputEscapes }
    return failure.isRefused ? .outputNotPermitted : .writeError
  }

  static var outputExists: ScanFailure {
    ScanFailure(
      .outputExists, .publish, "output", expected: "no file of that name, or one that this recipe made",
      found: "something else of that name",
      advice: "set output.on_exists to \"replace\", or choose another output.root or output.name")
  }

  static var readBackDiffers: ScanFailure {
    ScanFailure(
      .readBackDiffers, .publish, "output", expected: "the bytes that were written", found: "others on the disk",
      advice: "check the disk; nothing was published")
  }
}
