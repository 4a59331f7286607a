/// Lines of columns for people.
enum Table {
  /// Two columns, the first padded to its widest cell.
  static func aligned(_ rows: [(String, String)], indent: Int = 0) -> String {
    columns(rows.map { [$0.0, $0.1] }, indent: indent)
  }

  /// Every column but the last padded to its widest cell.
  static func columns(_ rows: [[String]], indent: Int = 0) -> String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    let lines = rows.map { row in
      let cells = row.enumerated().map { column, cell in
        column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
      }
      return String(repeating: " ", count: indent) + cells.joined(separator: "  ")
    }
    return lines.joined(separator: "\n")
  }
}
