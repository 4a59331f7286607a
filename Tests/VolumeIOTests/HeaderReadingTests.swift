import Testing
import VolumeIO
import Volumes

@Suite struct HeaderReadingTests {
  static let kinds: [(NIfTIVersion, ByteOrder)] = [
    (.one, .littleEndian), (.one, .bigEndian), (.two, .littleEndian), (.two, .bigEndian),
  ]

  @Test(arguments: kinds) func `both versions and byte orders say the same`(_ version: NIfTIVersion, _ order: ByteOrder)
    throws
  {
    var builder = HeaderBuilder(version, order)
    builder.set("dim", [5, 4, 3, 2, 6, 5, 1, 1])
    builder.set("scl_slope", [0.25, -1024])
    let header = try builder.parse()
    #expect((header.version, header.byteOrder) == (version, order))
    #expect(header.dims == [4, 3, 2, 6, 5])
    #expect(header.shape == Shape(i: 4, j: 3, k: 2))
    #expect(header.frames == 30)
    #expect(header.voxelType == .int16)
    #expect(header.voxelBytes == 4 * 3 * 2 * 30 * 2)
    #expect(header.scaling == Scaling(slope: 0.25, intercept: -1024))
    #expect(header.spacing == Spacing(1, 1.5, 2.5))
    #expect(header.voxelOffset == version.fixedBytes)
    #expect(header.affine == Affine(rows: [[1, 0, 0, -10], [0, 1.5, 0, -20], [0, 0, 2.5, -30]]))
    #expect(header.raw == builder.header)
  }

  @Test(arguments: kinds) func `after parsing the source stands at the first voxel`(
    _ version: NIfTIVersion, _ order: ByteOrder
  ) throws {
    var builder = HeaderBuilder(version, order)
    builder.insertExtension(code: 6, data: Array(repeating: 5, count: 24))
    builder.insertExtension(code: 4, data: Array(repeating: 6, count: 40))
    let source = MemorySource(builder.bytes)
    let header = try ScanHeader.parse(from: source, form: .singleFile)
    #expect(source.position == builder.bytes.count - 48)
    #expect(header.voxelOffset == source.position)
    #expect(header.extensions.map(\.code) == [6, 4])
    #expect(header.extensions.map(\.data) == [Array(repeating: 5, count: 24), Array(repeating: 6, count: 40)])
  }

  @Test func `fewer than three dimensions make a frame of one slice or line`() throws {
    var builder = HeaderBuilder()
    builder.set("dim", [1, 24, 0, 0, 0, 0, 0, 0])
    let line = try builder.parse()
    #expect(line.shape == Shape(i: 24))
    #expect(line.frames == 1)
    builder.set("dim", [2, 6, 4, 0, 0, 0, 0, 0])
    let slice = try builder.parse()
    #expect(slice.shape == Shape(i: 6, j: 4))
  }

  @Test(arguments: [(1, 1000.0), (2, 1.0), (3, 0.001), (0, 1.0)])
  func `lengths are given in mm whatever the header's unit`(_ code: Int, _ millimetres: Double) throws {
    var builder = HeaderBuilder()
    builder.set("xyzt_units", code)
    let header = try builder.parse()
    #expect(abs(header.spacing.k - 2.5 * millimetres) <= 1e-15 * millimetres)
    #expect(abs(header.affine.rows[1][3] + 20 * millimetres) <= 1e-14 * millimetres)
    #expect(header.unitsKnown == (code != 0))
  }

  @Test func `the affine is sform, else qform, else the spacing`() throws {
    var builder = HeaderBuilder()
    // Half a turn about z: x and y change their signs.
    builder.set("quatern", [0, 0, 1.0])
    #expect(try builder.parse().affineSource == .sform)
    builder.set("sform_code", 0)
    let turned = try builder.parse()
    #expect(turned.affineSource == .qform)
    #expect(
      turned.affine.distance(to: Affine(rows: [[-1, 0, 0, -10], [0, -1.5, 0, -20], [0, 0, 2.5, -30]])) < 1e-12)
    builder.set("qform_code", 0)
    let plain = try builder.parse()
    #expect(plain.affineSource == .spacing)
    #expect(plain.affine == Affine(rows: [[1, 0, 0, 0], [0, 1.5, 0, 0], [0, 0, 2.5, 0]]))
  }

  @Test func `qfac turns the third axis round`() throws {
    var builder = HeaderBuilder()
    builder.set("sform_code", 0)
    builder.set("pixdim", at: 0, real: -1)
    #expect(try builder.parse().affine.rows[2] == [0, 0, -2.5, -30])
  }

  @Test func `filters in mm refuse a spacing of 0 unless the job lets it pass`() throws {
    var builder = HeaderBuilder()
    builder.set("pixdim", at: 2, real: 0)
    builder.set("sform_code", 0)
    let header = try builder.parse()
    #expect(header.spacing.j == 1)
    let refusal = failure { () throws(ScanFailure) in try header.requireSpacing() }
    #expect(refusal?.failureClass == .headerSpacing)
    try builder.parse([.pixdimZero]).requireSpacing()
  }

  @Test func `facts hold no header text`() throws {
    var builder = HeaderBuilder()
    builder.set("descrip", text: "Jane Doe 1950")
    builder.insertExtension(code: 6, data: Array("Jane Doe".utf8))
    let facts = try builder.parse().facts
    #expect(facts.map(\.name).first == "format")
    #expect(facts.contains { $0 == ("dims", "4×3×2") })
    #expect(facts.contains { $0 == ("extensions", "code 6, 16 bytes") })
    #expect(!facts.contains { $0.value.contains("Jane") })
  }
}
