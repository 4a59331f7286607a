/// A name by its bytes. Swift calls two texts equal that are composed differently (`é` in one piece or in two), which to a
/// file system are the names of two files.
struct ExactName: Hashable, Sendable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (a: ExactName, b: ExactName) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

/// Records by the exact names of their outputs.
package struct NamedEntries: Sendable {
  private var entries: [ExactName: LogHistory.Entry] = [:]

  package subscript(name: String) -> LogHistory.Entry? {
    get { entries[ExactName(name)] }
    set { entries[ExactName(name)] = newValue }
  }

  package var values: some Collection<LogHistory.Entry> { entries.values }

  @discardableResult
  mutating func removeValue(forKey name: String) -> LogHistory.Entry? { entries.removeValue(forKey: ExactName(name)) }

  func mapValues(_ transform: (LogHistory.Entry) -> LogHistory.Entry) -> NamedEntries {
    var mapped = NamedEntries()
    mapped.entries = entries.mapValues(transform)
    return mapped
  }

  /// In the order of their records, those of earlier logs first.
  var inOrder: [LogHistory.Entry] { Array(entries.values).inOrder }
}

extension [LogHistory.Entry] {
  var inOrder: [LogHistory.Entry] {
    func rank(_ entry: LogHistory.Entry) -> (Int, String, Int) {
      (entry.log == nil ? 1 : 0, entry.log ?? "", entry.line)
    }
    return sorted { rank($0) < rank($1) }
  }
}
