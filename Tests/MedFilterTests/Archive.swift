import Foundation

/// A fresh folder with scans of one line of float voxels of 2 mm, gone with the value.
final class Archive: Sendable {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "medfilter-library-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder.appending(path: "in"), withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func url(_ name: String) -> URL { folder.appending(path: name) }

  func place(_ name: String) -> String { url(name).path }

  var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0 != "in" }) ?? []
  }

  var outputs: [String] {
    let all = try? FileManager.default.contentsOfDirectory(atPath: place("out"))
    return (all ?? []).filter { $0.hasSuffix(".nii") }.sorted()
  }

  /// - Parameter dropping: bytes that are missing at the end.
  func writeScan(_ values: [Float], to name: String, dropping missing: Int = 0) throws {
    var header = Data(count: 352)
    func put<T>(_ value: T, at offset: Int) {
      withUnsafeBytes(of: value) { header.replaceSubrange(offset..<offset + $0.count, with: $0) }
    }
    put(Int32(348), at: 0)
    let lengths = [3, values.count, 1, 1, 1, 1, 1, 1]
    for (index, length) in lengths.enumerated() { put(Int16(length), at: 40 + 2 * index) }
    put(Int16(16), at: 70)
    put(Int16(32), at: 72)
    for index in 0..<4 { put(index == 0 ? Float(1) : 2, at: 76 + 4 * index) }
    put(Float(352), at: 108)
    header[123] = 2
    header.replaceSubrange(344..<347, with: "n+1".utf8)
    let voxels = values.withUnsafeBytes { Data($0) }
    try (header + voxels).dropLast(missing).write(to: url(name))
  }

  func writeJob() throws {
    let job = """
      {"medfilter": 1, "name": "library", "input": {"root": "in"}, "filters": [{"filter": "box", "size_vox": 3}],
       "output": {"root": "out", "format": "nii"}}
      """
    try Data(job.utf8).write(to: url("job.json"))
  }
}
