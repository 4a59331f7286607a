import Filtering
import Glibc
import Volumes

/// The frames of a series, all of them within reach at every voxel. Belongs to one thread.
protocol SeriesStore<Scalar>: AnyObject {
  associatedtype Scalar: ComputeScalar

  /// Takes the next frame.
  ///
  /// - Returns: a frame whose memory the caller may use for the next one; `nil` when the store keeps the memory.
  func keep(_ frame: Frame<Scalar>) throws -> Frame<Scalar>?

  /// Runs `body` on some voxels of all frames. What it writes to the first rows is kept.
  func withTile(
    _ voxels: Range<Int>, writing frames: Int, _ body: ([UnsafeMutablePointer<Scalar>]) throws -> Void) throws

  /// One frame, to be looked at.
  func look(at number: Int, reusing spare: Frame<Scalar>?) throws -> Frame<Scalar>

  /// One frame, to be taken once.
  func frame(_ number: Int, reusing spare: Frame<Scalar>?) throws -> Frame<Scalar>
}

/// In memory.
final class HeldSeries<Scalar: ComputeScalar>: SeriesStore {
  private var frames: [Frame<Scalar>?] = []

  init(shape: Shape) {}

  func keep(_ frame: Frame<Scalar>) -> Frame<Scalar>? {
    frames.append(frame)
    return nil
  }

  func withTile(
    _ voxels: Range<Int>, writing frames: Int, _ body: ([UnsafeMutablePointer<Scalar>]) throws -> Void
  ) throws {
    try body(self.frames.compactMap { $0.map { $0.base + voxels.lowerBound } })
  }

  func look(at number: Int, reusing spare: Frame<Scalar>?) throws -> Frame<Scalar> {
    guard let frame = frames[number] else { throw SpoolFile.lost }
    return frame
  }

  func frame(_ number: Int, reusing spare: Frame<Scalar>?) throws -> Frame<Scalar> {
    let frame = try look(at: number, reusing: spare)
    frames[number] = nil
    return frame
  }
}

/// In a temporary file of the output folder, as raw scalars.
final class SpooledSeries<Scalar: ComputeScalar>: SeriesStore {
  private let file: SpoolFile
  private let shape: Shape
  private var count = 0
  private var tile: MappedMemory?

  init(_ file: SpoolFile, shape: Shape) { (self.file, self.shape) = (file, shape) }

  private func offset(_ frame: Int, _ voxel: Int) -> Int {
    (frame * shape.count + voxel) * MemoryLayout<Scalar>.stride
  }

  func keep(_ frame: Frame<Scalar>) throws -> Frame<Scalar>? {
    try file.write(UnsafeRawBufferPointer(frame.bytes), at: offset(count, 0))
    count += 1
    return frame
  }

  func withTile(
    _ voxels: Range<Int>, writing frames: Int, _ body: ([UnsafeMutablePointer<Scalar>]) throws -> Void
  ) throws {
    let rowBytes = voxels.count * MemoryLayout<Scalar>.stride
    let memory = try tile ?? MappedMemory(count: rowBytes * count)
    tile = memory
    let all = UnsafeMutableRawBufferPointer(rebasing: memory.bytes.prefix(rowBytes * count))
    let rows = all.bindMemory(to: Scalar.self)
    guard let first = rows.baseAddress else { return }
    func bytes(_ row: Int) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(rebasing: all[row * rowBytes..<(row + 1) * rowBytes])
    }
    for row in 0..<count { try file.read(into: bytes(row), at: offset(row, voxels.lowerBound)) }
    try body((0..<count).map { first + $0 * voxels.count })
    for row in 0..<frames { try file.write(UnsafeRawBufferPointer(bytes(row)), at: offset(row, voxels.lowerBound)) }
  }

  func look(at number: Int, reusing spare: Frame<Scalar>?) throws -> Frame<Scalar> {
    try frame(number, reusing: spare)
  }

  func frame(_ number: Int, reusing spare: Frame<Scalar>?) throws -> Frame<Scalar> {
    tile = nil
    let frame = try spare ?? Frame<Scalar>(shape: shape)
    try file.read(into: frame.bytes, at: offset(number, 0))
    return frame
  }
}

/// A temporary file without a name, gone with the process whatever happens to it.
final class SpoolFile {
  private let descriptor: Int32

  static let lost = ScanFailure(
    .writeError, .filter, "temporary file", expected: "the frames that were written", found: "fewer",
    advice: "free space or repair the disk")

  /// - Parameter folder: the path of a folder on the disk that is to hold it.
  init(in folder: String) throws {
    // O_TMPFILE, which Glibc's module leaves out: a file that never has a name.
    let nameless = open(folder, 0o20000000 | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o600)
    descriptor = nameless >= 0 ? nameless : try Self.openUnlinked(in: folder)
  }

  /// Where nothing may be written beside outputs.
  static func anywhere() throws -> SpoolFile {
    try SpoolFile(in: getenv("TMPDIR").flatMap { String(validatingCString: $0) } ?? "/tmp")
  }

  /// Network file systems have no files without a name: one that has lost it does as well.
  private static func openUnlinked(in folder: String) throws -> Int32 {
    let name = "\(folder)/\(UInt64.random(in: .min ... .max)).series"
    let descriptor = open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("a temporary file in the output folder", errno) }
    unlink(name)
    return descriptor
  }

  deinit { close(descriptor) }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure("room for the frames of the series", errno) }
      done += count
    }
  }

  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = pread(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.lost }
      done += count
    }
  }

  private static func failure(_ expected: String, _ code: Int32) -> ScanFailure {
    ScanFailure(
      code == ENOSPC ? .noSpace : .writeError, .filter, "temporary file", expected: expected,
      found: String(cString: strerror(code)), advice: "free space or repair the disk, or raise resources.memory_mb")
  }
}
