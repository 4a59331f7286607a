import Volumes

/// Hands bytes on as they are.
package final class PlainSink: ByteSink {
  private let below: any ByteSink

  package init(into below: any ByteSink) { self.below = below }

  package func write(_ bytes: UnsafeRawBufferPointer, leaving pieces: Int) throws(ScanFailure) {
    try below.write(bytes, leaving: pieces)
  }

  package func settle() { below.settle() }

  package func finish() {}
}
