import Volumes

/// A place that takes bytes one after another, from one thread at a time.
///
/// Sinks stand on one another: a compressing sink writes into the sink of a file. Whoever made a sink finishes it.
package protocol ByteSink: AnyObject {
  /// Takes a piece of any size.
  ///
  /// - Parameter pieces: so many of the last pieces may still be looked at when this returns; until they are settled, or
  ///   as many more have been written, whoever wrote them leaves them alone.
  func write(_ bytes: UnsafeRawBufferPointer, leaving pieces: Int) throws(ScanFailure)

  /// Returns when nobody looks any more at bytes that were written. To be called by whoever left some and gives up.
  func settle()

  /// Hands all that is still held back to the sink below, which is not finished by this. Called once, at the end.
  func finish() throws(ScanFailure)
}

extension ByteSink {
  package func settle() {}

  /// Takes a piece of any size; nothing of it is needed after returning.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(ScanFailure) { try write(bytes, leaving: 0) }

  package func write(_ bytes: [UInt8]) throws(ScanFailure) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(ScanFailure) in try write(UnsafeRawBufferPointer(buffer)) }
  }
}
