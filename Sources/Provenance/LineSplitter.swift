/// Cuts a stream of bytes into lines, whatever the pieces it comes in.
struct LineSplitter {
  enum Line {
    /// Without its end.
    case whole([UInt8])
    /// Longer than any that is written; only its length is known.
    case tooLong(Int)
  }

  /// Bytes since the last line end; of an over-long line only the beginning.
  private(set) var rest: [UInt8] = []
  /// Of the rest, all counted.
  private(set) var restCount = 0

  mutating func take(_ piece: UnsafeRawBufferPointer, _ body: (Line) -> Void) {
    var piece = piece[...]
    while let end = piece.firstIndex(of: UInt8(ascii: "\n")) {
      keep(piece[..<end])
      body(restCount > LogLine.longest ? .tooLong(restCount) : .whole(rest))
      (rest, restCount) = ([], 0)
      piece = piece[(end + 1)...]
    }
    keep(piece)
  }

  private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>) {
    restCount += bytes.count
    rest.append(contentsOf: bytes.prefix(max(0, LogLine.longest + 1 - rest.count)))
  }
}
