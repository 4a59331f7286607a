import ByteStreams
import Filtering
import Parallel
import Synchronization
import VolumeIO
import Volumes

/// The second scans of one scan, open while its voxels pass through the chain. For any thread.
final class OpenCompanions: Companions {
  private let scans: Mutex<[Companion: OpenCompanion]>

  /// - Parameter nonFinite: what is done about NaN and infinite operands.
  init(_ planned: [PlannedCompanion], _ nonFinite: NonFinitePolicy) {
    scans = Mutex(
      Dictionary(uniqueKeysWithValues: planned.map { ($0.companion, OpenCompanion(planned: $0, nonFinite: nonFinite)) })
    )
  }

  func mask(of companion: Companion) throws(EngineFailure) -> Mask {
    try scans.withLock { scans throws(EngineFailure) in
      guard let mask = try read({ () throws(ScanFailure) in try scans[companion]?.wholeMask() }) else {
        return try NoCompanions().mask(of: companion)
      }
      return mask
    }
  }

  func frame<S: ComputeScalar>(
    _ number: Int, of companion: Companion, as scalar: S.Type
  ) throws(EngineFailure) -> Frame<S> {
    let found = try scans.withLock { scans throws(EngineFailure) in
      try read { () throws(ScanFailure) in try scans[companion]?.frame(number, as: S.self) }
    }
    guard let frame = found as? Frame<S> else { return try NoCompanions().frame(number, of: companion, as: S.self) }
    return frame
  }

  private func read<Value>(_ work: () throws(ScanFailure) -> Value) throws(EngineFailure) -> Value {
    do throws(ScanFailure) { return try work() } catch { throw .companion(error) }
  }

  /// Reads every second scan to its end.
  ///
  /// - Returns: their files' digests, in the order of `planned`.
  func finish(_ planned: [PlannedCompanion]) throws(ScanFailure) -> [CompanionDigests] {
    var digests: [CompanionDigests] = []
    for companion in planned {
      let found = try scans.withLock { scans throws(ScanFailure) in try scans[companion.companion]?.finish() }
      if let found { digests.append(CompanionDigests(planned: companion, digests: found)) }
    }
    return digests
  }
}

/// What was read of a second scan.
struct CompanionDigests: Sendable {
  let planned: PlannedCompanion
  let digests: ScanDigests
}

/// One second scan.
private struct OpenCompanion: Sendable {
  let planned: PlannedCompanion
  let nonFinite: NonFinitePolicy
  private var reader: UncheckedReader?
  private var mask: Mask?
  /// The frame that was read last, and its number.
  private var last: (number: Int, frame: any AnyObject & Sendable)?

  /// A reader that one thread has at a time.
  private struct UncheckedReader: @unchecked Sendable {
    // @unchecked Sendable because the lock around all companions lets one thread at a time at it.
    let reader: ScanReader
  }

  init(planned: PlannedCompanion, nonFinite: NonFinitePolicy) {
    (self.planned, self.nonFinite) = (planned, nonFinite)
  }

  private mutating func opened() throws(ScanFailure) -> ScanReader {
    if let reader { return reader.reader }
    do throws(ScanFailure) {
      let new = try ScanReader(planned.path, in: .anywhere)
      guard new.header.shape == planned.facts.shape, new.header.frames == planned.facts.frames,
        new.header.affine == planned.facts.affine
      else { throw .changedSincePlanning }
      reader = UncheckedReader(reader: new)
      return new
    } catch {
      throw error.said(of: planned.companion.role)
    }
  }

  /// Voxels above 0 are inside; NaN is not.
  mutating func wholeMask() throws(ScanFailure) -> Mask {
    if let mask { return mask }
    let frame: Frame<Float> = try readFrame()
    let mask = Mask(shape: frame.shape, inside: frame.voxels.map { $0 > 0 ? 1 : 0 })
    self.mask = mask
    return mask
  }

  mutating func frame<S: ComputeScalar>(_ number: Int, as scalar: S.Type) throws(ScanFailure) -> AnyObject & Sendable {
    let wanted = planned.facts.frames == 1 ? 0 : number
    if let last, last.number == wanted { return last.frame }
    last = nil
    let frame: Frame<S> = try readFrame()
    try applyPolicy(to: frame)
    last = (wanted, frame)
    return frame
  }

  private mutating func readFrame<S: ComputeScalar>() throws(ScanFailure) -> Frame<S> {
    let reader = try opened()
    let header = reader.header
    let (raw, frame): (MappedMemory, Frame<S>) = try Self.memory(for: header)
    // A whole number of voxels of any type.
    for start in stride(from: 0, to: header.frameBytes, by: raw.bytes.count) {
      let count = min(raw.bytes.count, header.frameBytes - start)
      let piece = UnsafeMutableRawBufferPointer(rebasing: raw.bytes.prefix(count))
      do throws(ScanFailure) { try reader.readVoxels(into: piece, leaving: 0) } catch {
        throw error.said(of: planned.companion.role)
      }
      _ = VoxelConversion.decode(
        UnsafeRawBufferPointer(piece), type: header.voxelType, byteOrder: header.byteOrder, scaling: header.scaling,
        into: frame, at: start / header.voxelType.bytes, workers: Workers(count: 1))
    }
    return frame
  }

  /// For a piece of the stored voxels, and for a frame.
  private static func memory<S: ComputeScalar>(
    for header: ScanHeader
  ) throws(ScanFailure) -> (MappedMemory, Frame<S>) {
    do throws(OutOfMemory) {
      return (try MappedMemory(count: min(header.frameBytes, 1 << 20)), try Frame<S>(shape: header.shape))
    } catch {
      throw ScanFailure(.memoryLimit, .read, "memory", expected: "\(error.bytes) bytes", found: "none")
    }
  }

  private func applyPolicy<S: ComputeScalar>(to frame: Frame<S>) throws(ScanFailure) {
    switch nonFinite {
    case .propagate, .ignore: return
    case .zero: for index in frame.voxels.indices where !frame.voxels[index].isFinite { frame.voxels[index] = 0 }
    case .refuse:
      let count = frame.voxels.count { !$0.isFinite }
      guard count == 0 else { throw ScanFailure.nonFinite(count).said(of: planned.companion.role) }
    }
  }

  mutating func finish() throws(ScanFailure) -> ScanDigests {
    let reader = try opened()
    do throws(ScanFailure) { return try reader.readToEnd() } catch { throw error.said(of: planned.companion.role) }
  }
}
