import Parallel

/// How the bytes of a file are compressed. The raw values are used in the log and in `inspect`.
package enum Compression: String, CaseIterable, Sendable {
  case none, gzip, zstd

  /// What the first bytes of a file say; give at least four if it has as many. The beginning of a magic counts as the
  /// magic, so that a file cut off there is reported as cut off.
  package static func detect(firstBytes bytes: some BidirectionalCollection<UInt8>) -> Compression {
    if begins(bytes, with: GzipHeader.magic) { return .gzip }
    return begins(bytes, with: ZstdFrameHeader.magic) || ZstdFrameHeader.isSkippable(magic: bytes.prefix(4))
      ? .zstd : .none
  }

  private static func begins(_ bytes: some Collection<UInt8>, with magic: [UInt8]) -> Bool {
    !bytes.isEmpty && bytes.starts(with: magic.prefix(bytes.count))
  }

  /// How many bytes may come of one, at most: deflate has 258 for a quarter of a byte, zstd a block of 128 KiB for four.
  package var mostRatio: Int {
    switch self {
    case .none: 1
    case .gzip: 1032
    case .zstd: 32768
    }
  }

  /// What the end of a file's name says; capitals do not matter.
  package static func of(fileName: String) -> Compression {
    let name = fileName.lowercased()
    if name.hasSuffix(".gz") { return .gzip }
    return name.hasSuffix(".zst") ? .zstd : .none
  }

  /// The levels that may be asked for; `nil` when there is nothing to ask.
  package var levels: ClosedRange<Int>? {
    switch self {
    case .none: nil
    case .gzip: 1...9
    case .zstd: 1...19
    }
  }

  /// The memory that compressing so many bytes takes, for whoever admits scans.
  package func writingBytes(_ bytes: Int, level: Int, workers: Workers) -> Int {
    switch self {
    case .none: 0
    case .gzip: GzipSink.scratchBytes(workers: workers, bytes: bytes)
    case .zstd: ZstdSink.scratchBytes(level: level, workers: workers, bytes: bytes)
    }
  }
}
