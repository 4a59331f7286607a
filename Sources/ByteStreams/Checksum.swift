import CCodec

/// A CRC-32 and a count of bytes: finds what a disk or a cable does to them, not what somebody does on purpose.
package struct Checksum: Sendable, Equatable {
  package private(set) var count = 0
  private var crc: UInt32 = 0

  package init() {}

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let address = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else { return }
    crc = ccodec_crc32(crc, address, bytes.count)
    count += bytes.count
  }
}
