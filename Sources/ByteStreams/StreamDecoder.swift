import CCodec
import Parallel
import Volumes

/// Decodes the compressed streams at the beginning of a file, up to the first byte that begins no other stream.
protocol StreamDecoder: AnyObject {
  /// At least one byte, unless `buffer` is empty or the streams have ended.
  ///
  /// - Parameter allowance: decoded bytes that may still come; a stream that announces more is refused at once.
  func decode(into buffer: UnsafeMutableRawBufferPointer, allowance: Int) throws(ScanFailure) -> Int

  /// The memory that decoding takes with so many lanes, from what the streams have said so far; small change left out.
  func scratchBytes(workers: Workers) -> Int

  /// What was odd in the streams so far.
  var findings: [Finding] { get }
}

/// A file that is not compressed: one stream to the end.
final class PlainDecoder: StreamDecoder {
  private let input: Lookahead
  let findings: [Finding] = []

  init(_ input: Lookahead) { self.input = input }

  func scratchBytes(workers: Workers) -> Int { 0 }

  func decode(into buffer: UnsafeMutableRawBufferPointer, allowance: Int) throws(ScanFailure) -> Int {
    try input.read(into: buffer)
  }
}

/// The bounds that no scan needs and that hostile files would exceed.
enum StreamLimit {
  /// gzip members or zstd frames in a file: empty ones cost time without giving voxels.
  static let streams = 65_536
  static let skippableFrames = 1_024
  static let skippableBytes = 16 << 20
  /// 2^27 bytes, what `zstd` itself accepts unless told otherwise; the window is allocated by the frame's word alone.
  static let windowLog = 27
}

/// Memory for buffers that are too large to trap over: without it the scan fails, not the process.
func codecMemory(_ bytes: Int) throws(ScanFailure) -> MappedMemory {
  do throws(OutOfMemory) {
    return try MappedMemory(count: bytes)
  } catch {
    throw outOfCodecMemory()
  }
}

/// The system has not even memory for a codec's state.
func outOfCodecMemory() -> ScanFailure {
  ScanFailure(.memoryLimit, .read, "codec", expected: "memory for its state", found: "none")
}

/// `1a2b3c4d`: checksums as other tools print them.
func hexadecimal(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}

extension Lookahead {
  /// Lets `codec` work from the available bytes into `buffer` and takes away what it used.
  func step(
    into buffer: UnsafeMutableRawBufferPointer,
    _ codec: (UnsafePointer<UInt8>, Int, UnsafeMutablePointer<UInt8>, Int) -> ccodec_step
  ) -> ccodec_step {
    // The pointers do not outlive the call: codecs copy what they keep.
    let input = available.assumingMemoryBound(to: UInt8.self)
    let output = buffer.assumingMemoryBound(to: UInt8.self)
    guard let from = input.baseAddress, let to = output.baseAddress else {
      return ccodec_step(consumed: 0, produced: 0, outcome: .more)
    }
    let step = codec(from, input.count, to, output.count)
    consume(step.consumed)
    return step
  }
}
