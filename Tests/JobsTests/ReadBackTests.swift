import ByteStreams
import DurableIO
import Foundation
import Jobs
import Parallel
import Testing
import VolumeIO
import Volumes

/// An output whose bytes on the disk are not those that were written does not get its name.
@Suite struct ReadBackTests {
  private enum Damage: String, CaseIterable {
    case firstByte, middleByte, lastByte, shorter, longer

    func apply(to bytes: inout [UInt8]) {
      switch self {
      case .firstByte: bytes[0] ^= 1
      case .middleByte: bytes[bytes.count / 2] ^= 0x80
      case .lastByte: bytes[bytes.count - 1] ^= 4
      case .shorter: bytes.removeLast()
      case .longer: bytes.append(0)
      }
    }
  }

  private let scan = URL(filePath: #filePath).appending(path: "../../../Samples/archive/sub-01/anat/sub-01_T1w.nii.gz")
    .standardized.path

  /// Writes a scan of noise with the header of a real one, and compares it after something happened to its file.
  private func compare(_ format: OutputFormat, threads: Int, after damage: Damage?) throws -> Int {
    let folder = FileManager.default.temporaryDirectory.appending(path: "medfilter-readback-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = try PendingFile(anywhere: folder.appending(path: "a." + format.rawValue).path)
    defer { file.discard() }
    let form = OutputForm(format: format, level: format.defaultLevel, voxelType: .stored(.float32))
    let output = try PendingScan(
      file, of: ScanReader(scan, in: .anywhere).header, as: form, workers: Workers(count: threads))
    let voxels = try MappedMemory(count: output.header.frameBytes)
    var noise = SystemRandomNumberGenerator()
    for place in voxels.bytes.indices { voxels.bytes[place] = noise.next() }
    try output.writer.writeFrame(UnsafeRawBufferPointer(voxels.bytes))
    let written = try output.finish()
    if let damage { try apply(damage, in: folder) }
    return try output.compareWithDisk(written).bytes
  }

  private func apply(_ damage: Damage, in folder: URL) throws {
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    let path = try #require(files.first, "the temporary file lies in the folder of the output").path
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    damage.apply(to: &bytes)
    // The same file, not a new one of its name: it is held open.
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data(bytes))
    try handle.close()
  }

  @Test(arguments: OutputFormat.allCases, [1, 4])
  func `damage between writing and naming is found, wherever it is`(format: OutputFormat, threads: Int) throws {
    #expect(try compare(format, threads: threads, after: nil) > 10_000)
    for damage in Damage.allCases {
      let failure = #expect(throws: ScanFailure.self, "\(damage)") {
        try compare(format, threads: threads, after: damage)
      }
      #expect(failure?.failureClass == .readBackDiffers)
    }
  }
}
