import ByteStreams
import Foundation
import Glibc
import Testing
import VolumeIO
import Volumes

/// What nibabel reads, as Golden/make_headers.py wrote it down.
private struct Reading: Decodable, Sendable, CustomTestStringConvertible {
  let name: String?
  let bytes: Data?
  let version: Int
  let bigEndian: Bool
  let dims: [Int]
  let voxelType: String
  let slope: Double
  let intercept: Double
  let spacing: [Double]
  let qformCode: Int
  let sformCode: Int
  let affine: [[Double]]
  let extensions: [[Int]]
  let voxelOffset: Int?
  let fileSHA256: String?
  let voxelSHA256: String?
  let voxelBytes: Int?

  var testDescription: String { name ?? "NIfTI-\(version) \(dims) \(voxelType)" }

  static func all(in file: String) throws -> [Reading] {
    let place = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(file).json")
    return try JSONDecoder().decode([Reading].self, from: Data(contentsOf: place))
  }
}

@Suite struct NibabelTests {
  @Test func `headers that nibabel made up are read as nibabel reads them`() throws {
    let readings = try Reading.all(in: "headers")
    #expect(readings.count == 40)
    for reading in readings {
      let bytes = [UInt8](try #require(reading.bytes))
      let header = try ScanHeader.parse(from: MemorySource(bytes), form: .singleFile)
      compare(header, reading)
      #expect(header.findings == [], "\(reading.testDescription)")
    }
  }

  static let scans = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/data/scans")
    .standardizedFileURL.path

  @Test(.enabled(if: access(NibabelTests.scans, R_OK) == 0, "../shared/data/scans is absent"))
  func `real scans are read to the last byte as nibabel reads them`() throws {
    let folder = open(Self.scans, O_RDONLY | O_DIRECTORY)
    defer { close(folder) }
    let readings = try Reading.all(in: "scans")
    #expect(readings.count == 7)
    for reading in readings {
      let name = try #require(reading.name)
      let reader = try ScanReader(name, in: .beneath(root: folder, links: .refuse))
      compare(reader.header, reading)
      #expect(reader.header.voxelOffset == reading.voxelOffset, "\(name)")
      let digests = try reader.readAll().digests
      #expect(digests.voxels.sha256.hex == reading.voxelSHA256, "\(name)")
      #expect(digests.voxels.bytes == reading.voxelBytes, "\(name)")
      #expect(digests.files.map(\.sha256.hex) == [reading.fileSHA256], "\(name)")
    }
  }

  private func compare(_ header: ScanHeader, _ reading: Reading) {
    let what = Comment(rawValue: reading.testDescription)
    #expect(header.version.rawValue == reading.version, what)
    #expect((header.byteOrder == .bigEndian) == reading.bigEndian, what)
    #expect(header.dims == reading.dims, what)
    #expect(header.voxelType.rawValue == reading.voxelType, what)
    #expect(header.scaling == Scaling(slope: reading.slope, intercept: reading.intercept), what)
    #expect(Array(header.spacing.array.prefix(header.dims.count)) == reading.spacing, what)
    #expect((header.qformCode, header.sformCode) == (reading.qformCode, reading.sformCode), what)
    #expect(header.extensions.map { [Int($0.code), $0.bytes] } == reading.extensions, what)
    // Rows of sform are copied; a quaternion goes through a few roundings. 200 mm is the largest offset.
    let tolerance = reading.sformCode > 0 ? 0 : 200 * 1e-14
    #expect(header.affine.distance(to: Affine(rows: reading.affine)) <= tolerance, what)
  }
}
