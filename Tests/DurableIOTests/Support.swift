import DurableIO
import SeededNumbers
import SimulatedDisk

extension PendingFile {
  func write(_ bytes: [UInt8]) throws(DurableFailure) {
    try bytes.span.bytes.withUnsafeBytes { (raw) throws(DurableFailure) in try write(raw) }
  }
}

/// Bytes that differ from file to file and are no zeros.
func voxels(_ seed: UInt64, count: Int = 1000) -> [UInt8] {
  var numbers = SeededNumbers(seed: seed)
  return (0..<count).map { _ in UInt8.random(in: 1...255, using: &numbers) }
}

func isTemporary(_ path: String) -> Bool { path.contains(".medfilter-") }
