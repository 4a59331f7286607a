/// The documents that are written for programs. Each begins by saying what it is; `Config/` holds a schema of each.
package enum Document: String, CaseIterable, Sendable {
  case plan, summary, event, message, inspect, kernel, verify, replay, retire, error

  /// Keys are added within a version, never changed or taken away.
  package var version: Int { 1 }

  /// The members that every document has.
  package var head: [(String, JSONOutput)] {
    [("format", .string("medfilter-\(rawValue)")), ("version", .int(version))]
  }
}
