/// Neighbouring lines of a slice that one lane filters along i and then along j.
struct Strip: Sendable {
  /// The lines that come out.
  let lines: Range<Int>
  /// The lines of the slice that the j passes will meet, each once.
  let inputs: [Int]
  /// For each j pass and each line of the strip as its taps see it, extended at both ends: its place in `inputs`; −1 is
  /// outside.
  let slots: [[Int]]

  /// How much of the second-level cache the lines between the passes may fill: half of the smallest one in use.
  static let cacheBytes = 512 * 1024
  /// A j pass sums this many lines side by side.
  static let block = 8

  /// How many lines make a strip.
  ///
  /// - Parameters:
  ///   - overlap: lines that two strips that touch both need; they are computed twice, so a strip is never shorter.
  ///   - pieces: how many strips are wanted to keep all lanes busy.
  static func height(lines: Int, overlap: Int, bytesPerLine: Int, pieces: Int) -> Int {
    let fitting = cacheBytes / bytesPerLine - overlap
    let shared = (lines + pieces - 1) / pieces
    return evenHeight(lines: lines, upTo: max(min(fitting, shared), overlap, block))
  }

  /// The height of strips of nearly the same height, in whole blocks.
  static func evenHeight(lines: Int, upTo height: Int) -> Int {
    let count = (lines + height - 1) / height
    return min(lines, ((lines + count - 1) / count + block - 1) / block * block)
  }

  /// - Parameter reaches: what each j pass meets; at least one.
  init(lines: Range<Int>, reaches: [LineExtension]) {
    self.lines = lines
    var places: [Int: Int] = [:]
    var inputs: [Int] = []
    slots = reaches.map { reach in
      (lines.lowerBound..<lines.upperBound + reach.count - reach.length).map { position in
        let source = reach.source(at: position)
        if source < 0 { return -1 }
        if let place = places[source] { return place }
        places[source] = inputs.count
        inputs.append(source)
        return inputs.count - 1
      }
    }
    self.inputs = inputs
  }
}
