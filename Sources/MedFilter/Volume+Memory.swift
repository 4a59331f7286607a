import VolumeIO
import Volumes

extension Volume {
  /// Where the voxels of a volume in memory lie. Lengths and distances are those of the axes in memory, the fastest first.
  public struct Grid: Sendable, Hashable {
    /// The lengths of 1 to 7 axes: i, j, k, then those of a series.
    public var dimensions: [Int]
    /// The distances between voxel centres along i, j and k, in mm.
    public var spacing: [Double]
    /// Voxel indices to world coordinates in mm, RAS+: three rows of four. Without it the position of the volume is unknown.
    public var affine: [[Double]]?

    /// - Parameter spacing: Along i, j and k, in mm; with fewer axes, as many lengths.
    public init(_ dimensions: [Int], spacing: [Double] = [1, 1, 1]) {
      self.dimensions = dimensions
      self.spacing = spacing
    }

    /// The spacing follows from the affine: the lengths of its columns.
    public init(_ dimensions: [Int], affine: [[Double]]) {
      self.dimensions = dimensions
      self.affine = affine
      spacing = (0..<3).map { column in
        affine.reduce(0) { $0 + (column < $1.count ? $1[column] * $1[column] : 0) }.squareRoot()
      }
    }
  }

  /// A volume of these voxels, i fastest, frame after frame; they are copied once.
  ///
  /// The header is one of NIfTI-1 (of NIfTI-2 for axes of more than 32,767 voxels), which rounds spacing and affine to
  /// float32: the same chain gives the same bits here and, once the volume was written, in a job.
  ///
  /// - Throws: `E_VOLUME` if the number of voxels does not match the grid, or the grid is invalid.
  public init(_ voxels: [Float], on grid: Grid) throws(MedFilterError) {
    self = try voxels.withUnsafeBufferPointer { buffer throws(MedFilterError) in try Volume(copying: buffer, on: grid) }
  }

  /// The same with voxels in Double, in which it is then computed.
  public init(_ voxels: [Double], on grid: Grid) throws(MedFilterError) {
    self = try voxels.withUnsafeBufferPointer { buffer throws(MedFilterError) in try Volume(copying: buffer, on: grid) }
  }

  /// Copies the voxels once.
  public init(copying voxels: UnsafeBufferPointer<Float>, on grid: Grid) throws(MedFilterError) {
    let header = try grid.header(.float32, voxels: voxels.count)
    self.init(header: header, frames: .float(try Self.copied(voxels, header)), findings: [])
  }

  /// Copies the voxels once.
  public init(copying voxels: UnsafeBufferPointer<Double>, on grid: Grid) throws(MedFilterError) {
    let header = try grid.header(.float64, voxels: voxels.count)
    self.init(header: header, frames: .double(try Self.copied(voxels, header)), findings: [])
  }

  /// Uses the voxels in place, without a copy; they are only read.
  ///
  /// - Parameters:
  ///   - voxels: Must stay in place and unchanged until `release` is called.
  ///   - release: Called once, from any thread, when the last copy of the volume is gone; also when this throws.
  public init(
    borrowing voxels: UnsafeBufferPointer<Float>, on grid: Grid, release: @escaping @Sendable () -> Void = {}
  ) throws(MedFilterError) {
    let loan = Loan(release)
    let header = try grid.header(.float32, voxels: voxels.count)
    self.init(header: header, frames: .float(Self.borrowed(voxels, header, loan)), findings: [])
  }

  /// The same with voxels in Double.
  public init(
    borrowing voxels: UnsafeBufferPointer<Double>, on grid: Grid, release: @escaping @Sendable () -> Void = {}
  ) throws(MedFilterError) {
    let loan = Loan(release)
    let header = try grid.header(.float64, voxels: voxels.count)
    self.init(header: header, frames: .double(Self.borrowed(voxels, header, loan)), findings: [])
  }

  private static func copied<Scalar: ComputeScalar>(
    _ voxels: UnsafeBufferPointer<Scalar>, _ header: ScanHeader
  ) throws(MedFilterError) -> [Frame<Scalar>] {
    try translated {
      try starts(of: header, in: voxels).map { start in
        let frame = try Frame<Scalar>(shape: header.shape)
        frame.base.update(from: start, count: header.shape.count)
        return frame
      }
    }
  }

  private static func borrowed<Scalar: ComputeScalar>(
    _ voxels: UnsafeBufferPointer<Scalar>, _ header: ScanHeader, _ loan: Loan
  ) -> [Frame<Scalar>] {
    starts(of: header, in: voxels).map { Frame(borrowing: $0, shape: header.shape, owner: loan) }
  }

  /// Where each frame begins. The header has been made for so many voxels, so that there is a first one.
  private static func starts<Scalar>(
    of header: ScanHeader, in voxels: UnsafeBufferPointer<Scalar>
  ) -> [UnsafePointer<Scalar>] {
    guard let first = voxels.baseAddress else { return [] }
    return (0..<header.frames).map { first + $0 * header.shape.count }
  }
}

/// Borrowed memory, released with the last frame in it.
private final class Loan: Sendable {
  private let release: @Sendable () -> Void

  init(_ release: @escaping @Sendable () -> Void) { self.release = release }

  deinit { release() }
}

extension Volume.Grid {
  /// The header that a file of such voxels would have.
  fileprivate func header(_ type: VoxelType, voxels: Int) throws(MedFilterError) -> ScanHeader {
    var place = ScanHeader.Place.unknown
    if let affine {
      guard affine.count == 3, affine.allSatisfy({ $0.count == 4 }) else {
        throw .volume("affine: expected three rows of four numbers, found \(affine.map(\.count)) numbers in rows")
      }
      place = .at(Affine(rows: affine))
    }
    let lengths = try spacing3()
    let header: ScanHeader
    do throws(ScanFailure) {
      header = try ScanHeader.new(dims: dimensions, voxelType: type, spacing: lengths, place: place)
    } catch {
      throw .volume("\(error.subject): expected \(error.expected), found \(error.found)")
    }
    let expected = header.shape.count.multipliedReportingOverflow(by: header.frames)
    guard !expected.overflow, expected.partialValue == voxels else {
      throw .volume(
        "voxels: expected \(dimensions.map(String.init).joined(separator: " × ")) of them, found \(voxels)")
    }
    return header
  }

  private func spacing3() throws(MedFilterError) -> Spacing {
    let given = spacing + Array(repeating: 1, count: max(0, 3 - spacing.count))
    guard given.count == 3, given.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw .volume("spacing: expected lengths above 0 along i, j and k in mm, found \(spacing)")
    }
    return Spacing(given[0], given[1], given[2])
  }
}

extension MedFilterError {
  fileprivate static func volume(_ sentence: String) -> MedFilterError { MedFilterError(sentence, code: "E_VOLUME") }
}
