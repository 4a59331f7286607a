import Volumes

/// A place that takes bytes one after another, from one thread at a time.
///
/// Sinks stand on one another: a compressing sink writes into the sink of a file. Whoever made a sink finishes it.
package protocol ByteSink: AnyObject {
  /// Takes a piece of any size; nothing of it is needed after returning.
  func write(_ bytes: UnsafeRawBufferPointer) throws(ScanFailure)

  /// Hands all that is still held back to the sink below, which is not finished by this. Called once, at the end.
  func finish() throws(ScanFailure)
}

extension ByteSink {
  package func write(_ bytes: [UInt8]) throws(ScanFailure) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(ScanFailure) in try write(UnsafeRawBufferPointer(buffer)) }
  }
}
