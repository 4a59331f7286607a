import ByteStreams
import Foundation
import Parallel
import VolumeIO
import Volumes

/// A folder of its own for each test, removed afterwards.
final class ScanFolder {
  let url: URL
  let descriptor: Int32

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "volumeio-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    descriptor = open(url.path, O_RDONLY | O_DIRECTORY)
  }

  deinit {
    close(descriptor)
    try? FileManager.default.removeItem(at: url)
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: url.appending(path: name))
  }

  func reader(
    _ name: String, _ leniencies: Set<Leniency> = [], threads: Int = 1
  ) throws(ScanFailure) -> ScanReader {
    try ScanReader(
      name, in: .beneath(root: descriptor, links: .refuse), leniencies: leniencies, workers: Workers(count: threads))
  }
}

extension ScanReader {
  /// All voxels as stored, and the digests of reading to the end.
  func readAll() throws(ScanFailure) -> (voxels: [UInt8], digests: ScanDigests) {
    var voxels: [UInt8] = []
    let frame = UnsafeMutableRawBufferPointer.allocate(byteCount: header.frameBytes, alignment: 64)
    defer { frame.deallocate() }
    for _ in 0..<header.frames {
      try readFrame(into: frame)
      voxels += frame
    }
    return (voxels, try finish())
  }
}
