import ByteStreams
import DurableIO
import Parallel
import Volumes

/// Writes a stream of bytes into a pending file, with a checksum of all of them to compare the disk with, and their digest
/// where they come in their order.
final class PendingFileSink: ReservingSink {
  private let file: PendingFile
  private let hash: HashLane
  /// Of what follows the reserved bytes.
  private var body = Checksum()
  /// The reserved bytes: zeros until they are filled.
  private var beginning: [UInt8] = []

  init(_ file: PendingFile, workers: Workers) {
    self.file = file
    hash = HashLane(workers: workers)
  }

  func write(_ bytes: UnsafeRawBufferPointer, leaving pieces: Int) throws(ScanFailure) {
    if beginning.isEmpty { hash.add(bytes) }
    // Whichever way this returns.
    defer { hash.wait(leaving: pieces) }
    body.update(bytes)
    try onDisk(.write) { () throws(DurableFailure) in try file.write(bytes) }
  }

  func settle() { hash.wait() }

  func reserve(_ count: Int) throws(ScanFailure) {
    precondition(beginning.isEmpty && body.count == 0, "room is reserved at the beginning")
    let zeros = [UInt8](repeating: 0, count: count)
    beginning = zeros
    try zeros.span.bytes.withUnsafeBytes { (bytes) throws(ScanFailure) in
      try onDisk(.write) { () throws(DurableFailure) in try file.write(bytes) }
    }
  }

  func fillReserved(_ bytes: [UInt8]) throws(ScanFailure) {
    precondition(bytes.count == beginning.count, "the room is filled exactly")
    beginning = bytes
    try bytes.span.bytes.withUnsafeBytes { (bytes) throws(ScanFailure) in
      try onDisk(.write) { () throws(DurableFailure) in try file.rewrite(bytes, at: 0) }
    }
  }

  /// On the disk, and closed: network file systems report a full disk only then.
  func finish() throws(ScanFailure) {
    try onDisk(.write) { () throws(DurableFailure) in
      try file.sync()
      try file.close()
    }
  }

  /// Of all that was written.
  var checksum: Checksum {
    var whole = Checksum()
    beginning.withUnsafeBytes { whole.update($0) }
    whole.append(body)
    return whole
  }

  /// Of all that was written; `nil` when the beginning was written last. To be asked for once, at the end.
  func digest() -> Digest? { beginning.isEmpty ? hash.finalise() : nil }
}

/// Reads a written file back from the disk, with a checksum that says whether these are the bytes that were written, and
/// with their digest where that is not known yet.
final class StoredFileSource: ByteSource {
  private let file: StoredFile
  private let hash: HashLane?
  private(set) var checksum = Checksum()

  init(_ file: StoredFile, workers: Workers, hashing: Bool) {
    self.file = file
    hash = hashing ? HashLane(workers: workers) : nil
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int {
    let count = try onDisk(.publish) { () throws(DurableFailure) in try file.read(into: buffer) }
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    hash?.add(bytes)
    checksum.update(bytes)
    return count
  }

  func settle(leaving pieces: Int) { hash?.wait(leaving: pieces) }

  /// Of all that was read, if it is hashed. To be asked for once, at the end.
  func digest() -> Digest? { hash?.finalise() }
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
    // Permission can be refused for one file or folder and not for the next; the other faults are the whole disk's.
    let failureClass: FailureClass =
      failure.isNoSpace
      ? .noSpace : failure.isEscape ? .outputEscapes : failure.isRefused ? .outputNotPermitted : .writeError
    self.init(
      failureClass, phase, "output", expected: "to be able to \(failure.operation.rawValue)", found: failure.reason,
      advice: failure.isRefused ? "look at the owner and the mode of the file and of its folder" : nil)
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
