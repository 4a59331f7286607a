import Volumes

extension Volume {
  /// The type that voxels are stored and computed in.
  public enum Scalar: String, Sendable, CaseIterable { case float, double }

  /// Float, or Double for float64 and for integers of 32 and 64 bits.
  public var scalar: Scalar {
    switch frames {
    case .float: .float
    case .double: .double
    }
  }

  /// The voxels of a frame in place, i fastest.
  public enum Voxels {
    case float(UnsafeBufferPointer<Float>)
    case double(UnsafeBufferPointer<Double>)
  }

  /// Lends the voxels of a frame, without a copy; the memory is the volume's, valid while `body` runs.
  public func withVoxels<Result>(frame: Int = 0, _ body: (Voxels) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) {
      switch frames {
      case .float(let frames): try body(.float(UnsafeBufferPointer(frames[frame].voxels)))
      case .double(let frames): try body(.double(UnsafeBufferPointer(frames[frame].voxels)))
      }
    }
  }

  /// Copies all voxels of a frame, i fastest, into memory of the caller's, rounding once where that is narrower.
  ///
  /// - Parameter destination: Room for a frame: the product of the first three lengths.
  public func copyVoxels(frame: Int = 0, to destination: UnsafeMutableBufferPointer<Float>) {
    copy(frame, to: destination)
  }

  /// Copies all voxels of a frame, i fastest, into memory of the caller's.
  ///
  /// - Parameter destination: Room for a frame: the product of the first three lengths.
  public func copyVoxels(frame: Int = 0, to destination: UnsafeMutableBufferPointer<Double>) {
    copy(frame, to: destination)
  }

  /// All voxels of a frame as Float, i fastest.
  public func floats(frame: Int = 0) -> [Float] {
    [Float](unsafeUninitializedCapacity: header.shape.count) { room, count in
      copy(frame, to: UnsafeMutableBufferPointer(rebasing: room[..<header.shape.count]))
      count = header.shape.count
    }
  }

  /// All voxels of a frame as Double, i fastest.
  public func values(frame: Int = 0) -> [Double] {
    [Double](unsafeUninitializedCapacity: header.shape.count) { room, count in
      copy(frame, to: UnsafeMutableBufferPointer(rebasing: room[..<header.shape.count]))
      count = header.shape.count
    }
  }

  private func copy<Scalar: ComputeScalar>(_ frame: Int, to destination: UnsafeMutableBufferPointer<Scalar>) {
    precondition(destination.count == header.shape.count, "room for \(header.shape) voxels")
    withVoxels(frame: frame) { voxels in
      switch voxels {
      case .float(let voxels): Self.copy(voxels, to: destination)
      case .double(let voxels): Self.copy(voxels, to: destination)
      }
    }
  }

  private static func copy<From: ComputeScalar, To: ComputeScalar>(
    _ voxels: UnsafeBufferPointer<From>, to destination: UnsafeMutableBufferPointer<To>
  ) {
    for index in voxels.indices { destination.initializeElement(at: index, to: To(voxels[index])) }
  }
}

// A scan's header holds names and dates in its text, and nobody who prints a volume asked for them.

extension Volume: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Lengths, spacing and scalar.
  public var description: String {
    let lengths = dimensions.map(String.init).joined(separator: "×")
    let distances = spacing.map { "\($0)" }.joined(separator: " × ")
    return "Volume of \(lengths) voxels of \(distances) mm, in \(scalar.rawValue)"
  }

  /// As `description`.
  public var debugDescription: String { description }

  /// What is public of it, without the voxels.
  public var customMirror: Mirror {
    Mirror(
      self,
      children: [
        "dimensions": dimensions, "spacing": spacing, "affine": affine, "frameCount": frameCount,
        "scalar": scalar, "findings": findings,
      ], displayStyle: .struct)
  }
}
