/// The order in which a file stores the bytes of its numbers.
package enum ByteOrder: String, Sendable, Hashable {
  case littleEndian = "little-endian"
  case bigEndian = "big-endian"

  /// This machine's own order.
  package static let native: ByteOrder = 1.littleEndian == 1 ? .littleEndian : .bigEndian
}
