import Testing
import VolumeIO
import Volumes

@Suite struct GridChangeTests {
  /// A crop, an enlargement with a flip, and a turn by 90° about k.
  static let changes = [
    GridChange(
      shape: shape(2, 2, 1), frames: 1, spacing: Spacing(1, 1.5, 2.5),
      newToOld: Affine(steps: PerAxis(1, 1, 1), shifts: PerAxis(1, 1, 1))),
    GridChange(
      shape: shape(2, 6, 2), frames: 1, spacing: Spacing(2, 0.75, 2.5),
      newToOld: Affine(steps: PerAxis(-2, 0.5, 1), shifts: PerAxis(2.5, -0.25, 0))),
    GridChange(
      shape: shape(3, 4, 2), frames: 1, spacing: Spacing(1.5, 1, 2.5),
      newToOld: Affine(rows: [[0, 1, 0, 0], [-1, 0, 0, 2], [0, 0, 1, 0]])),
  ]

  private static func shape(_ i: Int, _ j: Int, _ k: Int) -> Shape {
    guard let shape = Shape(i: i, j: j, k: k) else { preconditionFailure("no shape") }
    return shape
  }

  private func moved(_ builder: HeaderBuilder, _ change: GridChange) throws -> (ScanHeader, ScanHeader) {
    let input = try builder.parse()
    let output = try OutputHeader(from: input, voxelType: .int16, grid: change)
    let header = try ScanHeader.parse(from: MemorySource(output.bytes), form: .singleFile, policy: .strict)
    #expect(output.voxelBytes == header.voxelBytes)
    return (input, header)
  }

  /// qform: half turns and an odd rotation, and left-handed axes. sform: with shear.
  private func builder(_ version: NIfTIVersion, _ order: ByteOrder, transforms: Int, units: Int) -> HeaderBuilder {
    var builder = HeaderBuilder(version, order)
    builder.set("xyzt_units", units + 8)
    builder.set("qform_code", transforms & 1)
    builder.set("sform_code", transforms & 2)
    builder.set("quatern", [0.1, -0.3, 0.5])
    builder.set("pixdim", at: 0, real: transforms == 1 ? -1 : 1)
    builder.set("srow", [0.8, -0.9, 0, -10, 0.6, 1.2, 0.5, -20, 0, 0, 2.449489742783178, -30])
    return builder
  }

  @Test(arguments: HeaderReadingTests.kinds, changes) func `both transforms go through the same map`(
    _ kind: (NIfTIVersion, ByteOrder), _ change: GridChange
  ) throws {
    for (units, scale) in [(0, 1.0), (1, 1000), (2, 1), (3, 0.001)] {
      for transforms in 0...3 {
        var change = change
        let unscaled = change.spacing
        change = GridChange(
          shape: change.shape, frames: 1, spacing: unscaled.map { $0 * scale }, newToOld: change.newToOld)
        let (input, output) = try moved(builder(kind.0, kind.1, transforms: transforms, units: units), change)
        let tolerance = kind.0 == .one ? 4e-6 : 1e-12
        #expect(output.shape == change.shape)
        for axis in Axis.allCases {
          #expect(abs(output.spacing[axis] - change.spacing[axis]) <= tolerance * change.spacing[axis])
        }
        #expect((output.qformCode, output.sformCode) == (transforms & 1, transforms & 2))
        guard transforms > 0 else { continue }
        #expect(output.affine.distance(to: input.affine.after(change.newToOld)) <= 30 * scale * tolerance)
        // The other transform, looked at by taking the first away.
        guard transforms == 3 else { continue }
        var before = builder(kind.0, kind.1, transforms: 1, units: units)
        before.set("pixdim", at: 0, real: 1)
        let (alone, moved) = try moved(before, change)
        #expect(moved.affine.distance(to: alone.affine.after(change.newToOld)) <= 30 * scale * tolerance)
      }
    }
  }

  @Test(arguments: HeaderReadingTests.kinds) func `a qform that is sheared becomes an sform`(
    _ version: NIfTIVersion, _ order: ByteOrder
  ) throws {
    let shear = GridChange(
      shape: Self.shape(4, 3, 2), frames: 1, spacing: Spacing(1, 1.5, 2.5),
      newToOld: Affine(rows: [[1, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]))
    var builder = builder(version, order, transforms: 1, units: 2)
    builder.set("qform_code", 4)
    let input = try builder.parse()
    let bytes = try OutputHeader(from: input, voxelType: .int16, grid: shear).bytes
    let output = try ScanHeader.parse(from: MemorySource(bytes), form: .singleFile)
    #expect((output.qformCode, output.sformCode) == (0, 4))
    #expect(output.affine.distance(to: input.affine.after(shear.newToOld)) <= 1e-4)
  }

  @Test(arguments: HeaderReadingTests.kinds) func `the same grid leaves every byte`(
    _ version: NIfTIVersion, _ order: ByteOrder
  ) throws {
    var builder = builder(version, order, transforms: 3, units: 3)
    builder.set("slice_duration", real: 0.1)
    builder.set("dim", [4, 4, 3, 2, 1, 1, 1, 1])
    let input = try builder.parse()
    let same = GridChange(shape: input.shape, frames: 1, spacing: input.spacing, newToOld: .identity)
    let plain = try OutputHeader(from: input, voxelType: .uint8)
    #expect(try OutputHeader(from: input, voxelType: .uint8, grid: same).bytes == plain.bytes)
  }

  @Test(arguments: HeaderReadingTests.kinds) func `a series that becomes one frame is 3-D`(
    _ version: NIfTIVersion, _ order: ByteOrder
  ) throws {
    var builder = HeaderBuilder(version, order)
    builder.set("dim", [5, 4, 3, 2, 6, 5, 1, 1])
    let input = try builder.parse()
    for (frames, dims) in [(1, [4, 3, 2]), (7, [4, 3, 2, 7]), (30, [4, 3, 2, 6, 5])] {
      let change = GridChange(
        shape: input.shape, frames: frames, spacing: input.spacing, newToOld: .identity, frameSeconds: 2)
      #expect(try moved(builder, change).1.dims == dims)
    }
  }

  @Test func `an axis that NIfTI-1 cannot hold is refused`() throws {
    let long = GridChange(
      shape: Self.shape(40_000, 1, 1), frames: 1, spacing: Spacing(all: 1), newToOld: .identity)
    let failure = #expect(throws: ScanFailure.self) {
      try OutputHeader(from: HeaderBuilder().parse(), voxelType: .int16, grid: long)
    }
    #expect(failure?.failureClass == .headerDim)
    #expect(try OutputHeader(from: HeaderBuilder(.two).parse(), voxelType: .int16, grid: long).frames == 1)
  }

  @Test(arguments: HeaderReadingTests.kinds) func `the timing of slices goes with the slices`(
    _ version: NIfTIVersion, _ order: ByteOrder
  ) throws {
    var builder = HeaderBuilder(version, order)
    builder.set("slice_end", 1)
    builder.set("slice_code", 1)
    builder.set("slice_duration", real: 0.5)
    builder.set("toffset", real: 3)
    let input = try builder.parse()
    func timing(_ shape: Shape, _ shiftOfK: Double) throws -> [UInt8] {
      let change = GridChange(
        shape: shape, frames: 1, spacing: input.spacing,
        newToOld: Affine(steps: PerAxis(all: 1), shifts: PerAxis(1, 0, shiftOfK)))
      let bytes = try OutputHeader(from: input, voxelType: .int16, grid: change).bytes
      let places =
        version == .one
        ? Array(74..<76) + Array(120..<123) + Array(132..<136)
        : Array(208..<216)
          + Array(224..<240) + Array(496..<500)
      return places.map { bytes[$0] }
    }
    #expect(try timing(Self.shape(2, 3, 2), 0).contains { $0 != 0 })
    #expect(try timing(Self.shape(4, 3, 1), 1).allSatisfy { $0 == 0 })
  }
}
