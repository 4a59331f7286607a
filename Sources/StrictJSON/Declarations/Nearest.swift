/// Finds the known names that somebody may have meant.
package enum Nearest {
  /// The names that `name` lacks only the unit of (`sigma` for `sigma_mm`), or else the one most like it.
  package static func names(to name: String, among known: [String]) -> [String] {
    guard name.utf8.count <= 64 else { return [] }
    let asked = simplified(name)
    let withUnit = known.filter { ["_mm", "_vox", "_mb"].map { asked + Array($0.utf8) }.contains(simplified($0)) }
    guard withUnit.isEmpty else { return withUnit }
    let candidates = known.map { ($0, distance(asked, simplified($0))) }
    guard let best = candidates.min(by: { $0.1 < $1.1 }) else { return [] }
    // A third of the letters may be wrong, and one of two or more: "nme" is "name", "spam" is not, nor is "x" "i".
    let shorter = min(asked.count, best.0.utf8.count)
    return best.1 <= max(shorter > 1 ? 1 : 0, shorter / 3) ? [best.0] : []
  }

  /// `; did you mean "sigma_mm"?`, or nothing.
  package static func question(_ name: String, among known: [String]) -> String {
    let names = names(to: name, among: known)
    return names.isEmpty ? "" : "; did you mean \(names.quotedList("or"))?"
  }

  /// Capitals and hyphens are not what a name is about.
  private static func simplified(_ name: String) -> [UInt8] {
    name.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
  }

  /// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
  ///
  /// Optimal string alignment, row by row; O(a.count · b.count).
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
        row.append(best)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
