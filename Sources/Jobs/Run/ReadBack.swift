import ByteStreams
import DurableIO
import Parallel
import Synchronization
import Volumes

/// A written file as the disk gives it back. All lanes read it side by side, because nothing else of its scan is left to do.
struct ReadBack {
  private let file: StoredFile
  private let count: Int
  private let slabs: Int
  private let workers: Workers
  private let memory: MappedMemory

  /// What a lane takes at a time, and reads at a time: the second stays in a cache until its checksum is known.
  private static let slab = 1 << 19
  private static let piece = 1 << 18

  /// - Parameter count: bytes that were written.
  init(_ file: StoredFile, of count: Int, workers: Workers) throws(OutOfMemory) {
    self.file = file
    self.count = count
    self.workers = workers
    slabs = (count + Self.slab - 1) / Self.slab
    memory = try MappedMemory(count: max(1, min(workers.count, slabs)) * Self.piece)
  }

  /// Of the whole file; `nil` when it has not as many bytes as were written.
  ///
  /// - Throws: `ScanFailure`, `Cancelled`.
  func checksum(_ cancellation: Cancellation) throws -> Checksum? {
    let parts = Mutex([Checksum](repeating: Checksum(), count: slabs))
    let failure = Mutex<ScanFailure?>(nil)
    // Unsafe to send in general; reading at a place changes nothing of the file.
    nonisolated(unsafe) let file = file
    workers.forEachSlab(of: slabs) { [memory, count] lane, numbers in
      let room = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[lane * Self.piece..<(lane + 1) * Self.piece])
      do throws(ScanFailure) {
        for number in numbers where !cancellation.isCancelled {
          let bytes = number * Self.slab..<min(count, (number + 1) * Self.slab)
          let part = try Self.checksum(of: bytes, in: file, room)
          parts.withLock { $0[number] = part }
        }
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    try cancellation.check()
    if let failure = failure.withLock({ $0 }) { throw failure }
    let whole = parts.withLock { $0.reduce(into: Checksum()) { $0.append($1) } }
    guard whole.count == count, try isAtEnd else { return nil }
    return whole
  }

  /// Whether nothing follows.
  private var isAtEnd: Bool {
    get throws(ScanFailure) {
      try Self.read(file, into: UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<1]), at: count) == 0
    }
  }

  /// Of some bytes of the file, or of fewer where it ends before.
  private static func checksum(
    of bytes: Range<Int>, in file: StoredFile, _ room: UnsafeMutableRawBufferPointer
  ) throws(ScanFailure) -> Checksum {
    var checksum = Checksum()
    while checksum.count < bytes.count {
      let wanted = UnsafeMutableRawBufferPointer(rebasing: room.prefix(bytes.count - checksum.count))
      let count = try read(file, into: wanted, at: bytes.lowerBound + checksum.count)
      if count == 0 { break }
      checksum.update(UnsafeRawBufferPointer(rebasing: wanted[..<count]))
    }
    return checksum
  }

  private static func read(
    _ file: StoredFile, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ScanFailure) -> Int {
    try onDisk(.publish) { () throws(DurableFailure) in try file.read(into: buffer, at: offset) }
  }
}
