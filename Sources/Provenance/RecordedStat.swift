import ByteStreams
import StrictJSON

/// The size, times and inode that the files of a scan and its output had when they were last read or written.
///
/// Kept as texts that are equal when the facts are: where names are keyed hashes, so are these, because the times of a
/// scan's file may be those of the examination.
package struct RecordedStat: Hashable, Sendable {
  /// In the order of the record's `in`; nil for a file that could have changed without showing it.
  package let inputs: [String?]
  package let output: String?

  package init(inputs: [String?], output: String?) {
    (self.inputs, self.output) = (inputs, output)
  }

  /// Of the member `stat`; nil when it is missing or of another form.
  init?(_ node: JSONNode) {
    guard let inputs = node["in"]?.array, let output = node["out"] else { return nil }
    self.init(inputs: inputs.map(\.string), output: output.string)
  }

  package var json: JSONOutput {
    func text(_ facts: String?) -> JSONOutput { facts.map { .string($0) } ?? .null }
    return .object([("in", .array(inputs.map(text))), ("out", text(output))])
  }
}

extension FileFacts {
  /// `9123456 bytes, mtime 1764587000.123456789, ctime 1764587000.123456789, inode 1234`
  package var text: String {
    "\(bytes) bytes, mtime \(Self.seconds(modified)), ctime \(Self.seconds(changed)), inode \(inode)"
  }

  private static func seconds(_ nanoseconds: Int) -> String {
    let (whole, part) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let digits = String(part.magnitude)
    return "\(nanoseconds < 0 && whole == 0 ? "-" : "")\(whole)." + String(repeating: "0", count: 9 - digits.count)
      + digits
  }
}
