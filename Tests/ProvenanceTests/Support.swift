import ByteStreams
import DurableIO
import Foundation
import Provenance
import SimulatedDisk
import Synchronization
import Testing

final class Ticks: Sendable {
  private let count = Atomic<Int>(0)

  func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
}

/// Whether the sweeps run in the size that the table of goals asks for: minutes instead of seconds.
let isFull = ProcessInfo.processInfo.environment["MEDFILTER_FULL"] != nil

func golden(_ name: String) throws -> [UInt8] {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
  return Array(try Data(contentsOf: folder.appending(path: name)))
}

func goldenLines(_ name: String) throws -> [[Substring]] {
  String(decoding: try golden(name), as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
}

/// A key pair whose private half is `byte` and zeros.
func key(_ byte: UInt8) throws -> SigningKey {
  let prefix: [UInt8] = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20]
  let body = Base64.encode(prefix + [byte] + [UInt8](repeating: 0, count: 31))
  return try #require(SigningKey(pem: Array("-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----\n".utf8)))
}

/// A log and its head as bytes, to be changed at will and verified again.
struct LogFiles: Sendable {
  var log: [UInt8]
  var head: [UInt8]?

  init(log: [UInt8], head: [UInt8]?) {
    self.log = log
    self.head = head
  }

  /// What `batch` left.
  init(of batch: Batch) {
    let files = batch.disk.files
    self.init(log: files["\(Batch.root)/provenance.jsonl"] ?? [], head: files["\(Batch.root)/provenance.head"])
  }

  /// A log of one run with `scans` scans: 2 · scans + 4 lines.
  static func sample(scans: Int, key: SigningKey? = nil) throws -> LogFiles {
    var batch = Batch(disk: CrashDisk(), scans: (0..<scans).map { "sub-\($0).nii" })
    batch.key = key
    try batch.run()
    return LogFiles(of: batch)
  }

  /// Without their ends.
  var lines: [[UInt8]] {
    get { log.split(separator: 10, omittingEmptySubsequences: false).dropLast().map(Array.init) }
    set { log = newValue.flatMap { $0 + [10] } }
  }

  /// Verifies the log alone, without its files.
  func verify(trusting keys: [PublicKey] = [], copies: [HeadCopies] = []) throws -> VerifyReport {
    let disk = CrashDisk()
    disk.tamper("/provenance.jsonl", with: log)
    if let head { disk.tamper("/provenance.head", with: head) }
    var options = LogVerifier.Options()
    options.outputs = false
    (options.keys, options.copies) = (keys, copies)
    return try LogVerifier.verify(logPath: "/provenance.jsonl", options: options, disk: disk)
  }
}
