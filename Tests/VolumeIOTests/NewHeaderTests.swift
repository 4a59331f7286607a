import Testing
import VolumeIO
import Volumes

@Suite struct NewHeaderTests {
  @Test func `a new header says what it was made of, without findings`() throws {
    let shape = try #require(Shape(i: 5, j: 4, k: 3))
    let scaling = Scaling(slope: 0.25, intercept: -8)
    let header = try ScanHeader.new(
      shape: shape, frames: 7, voxelType: .uint16, scaling: scaling, spacing: Spacing(1, 1.5, 2), frameSeconds: 2)
    #expect(header.dims == [5, 4, 3, 7])
    #expect(header.voxelType == .uint16 && header.scaling == scaling)
    #expect(header.spacing == Spacing(1, 1.5, 2) && header.unitsKnown)
    #expect(header.affine == Affine(rows: [[1, 0, 0, -2], [0, 1.5, 0, -2.25], [0, 0, 2, -2]]))
    #expect(header.affineSource == .sform && header.qformCode == 1)
    #expect(header.findings.isEmpty)
  }

  @Test func `one frame makes three dimensions`() throws {
    let shape = try #require(Shape(i: 32767))
    let header = try ScanHeader.new(shape: shape, voxelType: .uint8, spacing: Spacing(all: 1))
    #expect(header.dims == [32767, 1, 1] && header.frames == 1)
  }

  @Test(arguments: [32768, 65536 + 5])
  func `lengths beyond NIfTI-1 make a NIfTI-2 header`(length: Int) throws {
    let shape = try #require(Shape(i: 5, j: length))
    let header = try ScanHeader.new(shape: shape, voxelType: .uint8, spacing: Spacing(all: 0.1))
    #expect(header.version == .two && header.dims == [5, length, 1] && header.spacing == Spacing(all: 0.1))
    #expect(header.findings.isEmpty)
  }

  @Test func `a header says where the scan lies, or that nobody knows`() throws {
    let affine = Affine(rows: [[0, -2, 0, 7], [3, 0, 0, -1], [0, 0, 0.5, 2]])
    let placed = try ScanHeader.new(
      dims: [4, 3, 2, 2, 3], voxelType: .float32, spacing: Spacing(3, 2, 0.5), place: .at(affine))
    #expect(placed.dims == [4, 3, 2, 2, 3] && placed.frames == 6 && placed.affine == affine && placed.findings.isEmpty)
    let unknown = try ScanHeader.new(dims: [4, 3], voxelType: .float32, spacing: Spacing(3, 2, 1), place: .unknown)
    #expect(unknown.dims == [4, 3] && unknown.affineSource == .spacing && unknown.sformCode == 0)
    #expect(unknown.affine.rows == [[3, 0, 0, 0], [0, 2, 0, 0], [0, 0, 1, 0]])
  }

  @Test(arguments: [[], [0, 3], Array(repeating: 2, count: 8)]) func `lengths that make no grid are refused`(
    dims: [Int]
  ) throws {
    #expect(throws: ScanFailure.self) {
      try ScanHeader.new(dims: dims, voxelType: .uint8, spacing: Spacing(all: 1), place: .unknown)
    }
  }
}
