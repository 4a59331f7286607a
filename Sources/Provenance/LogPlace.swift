/// The names of a log and of its head in their folder.
package struct LogPlace {
  let log: String

  /// `.head` instead of `.jsonl`.
  var head: String { (log.hasSuffix(Self.ending) ? String(log.dropLast(Self.ending.count)) : log) + HeadCopies.suffix }

  /// Where a log of this name lies once another one continues it.
  static func earlier(_ logID: String) -> LogPlace { LogPlace(log: "provenance-\(logID)\(ending)") }

  /// The log's own name in the name of one that was put aside; nil for every other file.
  static func earlierID(_ name: String) -> String? {
    guard name.hasPrefix("provenance-"), name.hasSuffix(ending) else { return nil }
    let id = String(name.dropFirst("provenance-".count).dropLast(ending.count))
    return LogID.isWellFormed(id) ? id : nil
  }

  private static let ending = ".jsonl"

  package static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }
}
