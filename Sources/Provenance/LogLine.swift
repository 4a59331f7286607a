import ByteStreams
import DurableIO
import StrictJSON

/// One line of the log, read back.
struct LogLine {
  static let version = 1
  /// Longer lines are never written, and refused when found.
  static let longest = 1 << 20

  let seq: Int
  let prev: Digest
  let time: String
  let type: String
  let node: JSONNode

  /// The bytes of a line without its end. They are hashed as they are, so there is no canonical form.
  static func bytes(
    seq: Int, prev: Digest, time: Timestamp, type: RecordType, fields: [(String, JSONOutput)]
  ) -> [UInt8] {
    let own: [(String, JSONOutput)] = [
      ("v", .int(version)), ("seq", .int(seq)), ("prev", .string(prev.hex)), ("time", .string(time.description)),
      ("type", .string(type.rawValue)),
    ]
    return Array(JSONOutput.object(own + fields).encoded().utf8)
  }

  /// The first line of a log; nil when it is none.
  static func first(of file: StoredFile) throws(DurableFailure) -> LogLine? {
    let bytes = try file.bytes(limit: 1 << 16)
    return try? LogLine(Array(bytes.prefix { $0 != UInt8(ascii: "\n") }), number: 1)
  }

  /// - Parameter number: of the line, counted from 1, for the message.
  init(_ bytes: [UInt8], number: Int) throws(Problem) {
    do {
      node = try JSONReader.parse(bytes, limits: JSONLimits(bytes: Self.longest))
    } catch {
      // The reader counts lines of its own text, which here is a single one.
      throw Problem(.syntax, line: number, expected: error.expected, found: "\(error.found) (byte \(error.column))")
    }
    func misses(_ key: String, _ expected: String) -> Problem {
      Problem(.syntax, line: number, expected: "\"\(key)\" to be \(expected)", found: "something else or nothing")
    }
    guard node["v"]?.int == Self.version else { throw misses("v", "\(Self.version)") }
    guard let seq = node["seq"]?.int, seq >= 0 else { throw misses("seq", "a whole number") }
    guard let prev = node["prev"]?.string.flatMap(Digest.init(hex:)) else { throw misses("prev", "a SHA-256") }
    guard let time = node["time"]?.string, Timestamp.isWellFormed(time) else { throw misses("time", "a UTC time") }
    guard let type = node["type"]?.string else { throw misses("type", "a text") }
    (self.seq, self.prev, self.time, self.type) = (seq, prev, time, type)
  }
}
