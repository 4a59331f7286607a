/// Neighbouring lines of a slice that one lane filters along i and then along j.
struct Strip: Sendable {
  /// The lines that come out.
  let lines: Range<Int>
  /// The lines of the slice that the j pass will meet, each once.
  let inputs: [Int]
  /// For each line of the strip as the j taps see it, extended at both ends: its place in `inputs`; −1 is outside.
  let slots: [Int]

  /// How much of the second-level cache the lines between the passes may fill: half of the smallest one in use.
  static let cacheBytes = 512 * 1024
  /// The j pass sums this many lines side by side.
  static let block = 8

  /// Cuts a slice into strips.
  ///
  /// - Parameters:
  ///   - reach: what the j pass meets; nothing when there is no j pass.
  ///   - pieces: how many strips are wanted to keep all lanes busy; there are fewer when the overlap would cost too much.
  static func cut(lines: Int, reach: LineExtension?, bytesPerLine: Int, pieces: Int) -> [Strip] {
    let overlap = (reach?.sources.count ?? lines) - lines
    let fitting = cacheBytes / bytesPerLine - overlap
    let wanted = min(fitting, (lines + pieces - 1) / pieces)
    let least = max(wanted, overlap, block)
    let count = (lines + least - 1) / least
    let height = ((lines + count - 1) / count + block - 1) / block * block
    return stride(from: 0, to: lines, by: height).map { first in
      Strip(lines: first..<min(first + height, lines), reach: reach)
    }
  }

  private init(lines: Range<Int>, reach: LineExtension?) {
    self.lines = lines
    guard let reach else {
      inputs = Array(lines)
      slots = []
      return
    }
    var places: [Int: Int] = [:]
    var inputs: [Int] = []
    let overlap = reach.sources.count - reach.length
    slots = reach.sources[lines.lowerBound..<lines.upperBound + overlap].map { source in
      if source < 0 { return -1 }
      if let place = places[source] { return place }
      places[source] = inputs.count
      inputs.append(source)
      return inputs.count - 1
    }
    self.inputs = inputs
  }
}
