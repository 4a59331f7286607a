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
  func `lengths beyond NIfTI-1 are refused, not wrapped`(length: Int) throws {
    let shape = try #require(Shape(i: 5, j: length))
    let failure = #expect(throws: ScanFailure.self) {
      try ScanHeader.new(shape: shape, voxelType: .uint8, spacing: Spacing(all: 1))
    }
    #expect(failure?.failureClass == .headerDim)
  }
}
