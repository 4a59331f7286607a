import Volumes

/// Hands bytes on as they are.
package final class PlainSink: ByteSink {
  private let below: any ByteSink

  package init(into below: any ByteSink) { self.below = below }

  package func write(_ bytes: UnsafeRawBufferPointer) throws(ScanFailure) { try below.write(bytes) }

  package func finish() {}
}
