import DurableIO
import Jobs
import Parallel
import VolumeIO
import Volumes

extension Volume {
  /// How voxels are stored in a file.
  public enum VoxelType: String, Sendable, CaseIterable {
    /// As in the scan that was read, with its slope and intercept.
    case same
    case uint8, int16, uint16, int32, float32, float64
  }

  /// Writes the scan: compressed, synced, read back and compared before it gets its final name.
  ///
  /// - Parameters:
  ///   - path: ends in `.nii`, `.nii.gz` or `.nii.zst`; its folder must exist.
  ///   - voxelType: integers are rounded half to even and saturate.
  ///   - replacing: whether a file of that name may be replaced.
  /// - Returns: how many voxels were clipped to the type's range.
  @discardableResult
  public func write(
    to path: String, voxelType: VoxelType = .float32, replacing: Bool = false, threads: Int = 0
  ) throws(MedFilterError) -> Int {
    guard let format = OutputFormat.allCases.reversed().first(where: { path.hasSuffix("." + $0.rawValue) }) else {
      throw MedFilterError("\(path): expected a name that ends in .nii, .nii.gz or .nii.zst")
    }
    let form = OutputForm(format: format, level: format.defaultLevel, voxelType: voxelType.asInJobs)
    let workers = Workers(count: HostLimits.current().asked(threads: threads, memory: 0).threads)
    return try translated {
      let file = try PendingFile(anywhere: path)
      let output = try PendingScan(file, of: header, as: form, workers: workers)
      let clipped = try writeFrames(into: output, workers)
      _ = try output.compareWithDisk(try output.finish())
      try file.publish(replacing: replacing)
      return clipped
    }
  }

  private func writeFrames(into output: PendingScan, _ workers: Workers) throws -> Int {
    switch frames {
    case .float(let frames): try Self.write(frames, into: output, workers)
    case .double(let frames): try Self.write(frames, into: output, workers)
    }
  }

  private static func write<Scalar: ComputeScalar>(
    _ frames: [Frame<Scalar>], into output: PendingScan, _ workers: Workers
  ) throws -> Int {
    let stored = try MappedMemory(count: output.header.frameBytes)
    return try frames.reduce(0) { clipped, frame in
      let counts = VoxelConversion.encode(
        frame, type: output.header.voxelType, scaling: output.header.scaling, into: stored.bytes, workers: workers)
      try output.writer.writeFrame(UnsafeRawBufferPointer(stored.bytes))
      return clipped + counts.clipped
    }
  }
}

extension Volume.VoxelType {
  fileprivate var asInJobs: OutputVoxelType {
    Volumes.VoxelType(rawValue: rawValue).map { .stored($0) } ?? .same
  }
}
