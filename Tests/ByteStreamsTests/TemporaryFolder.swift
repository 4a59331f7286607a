import Foundation
import Glibc

/// A folder of its own for one test, removed with everything in it afterwards.
final class TemporaryFolder {
  let path: String
  let descriptor: Int32

  init() throws {
    path = NSTemporaryDirectory() + "/medfilter-streams-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    descriptor = open(path, O_RDONLY | O_DIRECTORY)
  }

  deinit {
    close(descriptor)
    try? FileManager.default.removeItem(atPath: path)
  }

  func folder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
  }
}
