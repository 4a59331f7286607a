import DurableIO
import Glibc
import StrictJSON

/// Which path is meant by which keyed hash: `names.jsonl` in the output root, which its owner alone may read.
///
/// It is no part of the log. So it can be deleted, whole or line by line, when somebody must be forgotten, and the log
/// stays whole; and the log can be given to others without it.
struct NameMap {
  static let fileName = "names.jsonl"
  /// Millions of long paths.
  private static let largest = 1 << 30

  private let naming: ScanNaming
  /// Lines that are there already stay as they are.
  private var text: [UInt8]
  /// By their bytes: two texts that Swift calls equal may be the names of two files.
  private var paths: Set<[UInt8]> = []
  /// Whether every line names its path as the naming does.
  private(set) var isByThisKey = true

  /// Adds the paths of a plan with keyed names, before anything is said about one of them.
  ///
  /// - Throws: `badJob` when the map was made with another key, by which no output would be known again;
  ///   `outputUnusable` when it cannot be read or written.
  static func update(for plan: JobPlan, in folder: OutputFolder) throws(JobRefusal) {
    guard case .keyed = plan.naming else { return }
    var map = try usable { () throws(DurableFailure) in NameMap(try stored(in: folder), by: plan.naming) }
    guard map.isByThisKey else { throw .otherKey }
    guard map.add(plan.shownPaths) else { return }
    try usable { () throws(DurableFailure) in
      try folder.publish(map.text, as: fileName, replacing: true, mode: 0o600)
    }
  }

  /// The paths by their hashes, as far as the map is there and can be read.
  static func paths(in root: OpenFolder) -> [String: String] {
    let text = (try? root.publishedFile(at: fileName).bytes(limit: largest)) ?? []
    let lines = text.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONReader.parse(Array($0)) }
    let pairs = lines.compactMap { line in
      line["name"]?.string.flatMap { name in line["path"]?.string.map { (name, $0) } }
    }
    return Dictionary(pairs) { first, _ in first }
  }

  private init(_ text: [UInt8], by naming: ScanNaming) {
    self.naming = naming
    self.text = text
    for line in text.split(separator: UInt8(ascii: "\n")) {
      // What somebody else wrote into the file is kept and means nothing here.
      guard let node = try? JSONReader.parse(Array(line)), let path = node["path"]?.string else { continue }
      paths.insert(Array(path.utf8))
      if node["name"]?.string != naming.shown(path) { isByThisKey = false }
    }
  }

  /// - Returns: whether there were new ones.
  private mutating func add(_ new: [String]) -> Bool {
    let missing = new.filter { paths.insert(Array($0.utf8)).inserted }
    if let last = text.last, last != UInt8(ascii: "\n"), !missing.isEmpty { text.append(UInt8(ascii: "\n")) }
    for path in missing {
      let line = JSONOutput.object([("name", .string(naming.shown(path))), ("path", .string(path))])
      text += Array((line.encoded() + "\n").utf8)
    }
    return !missing.isEmpty
  }

  private static func stored(in folder: OutputFolder) throws(DurableFailure) -> [UInt8] {
    do throws(DurableFailure) {
      let bytes = try folder.root.publishedFile(at: fileName).bytes(limit: largest + 1)
      // A map that was cut off would be written back without its end.
      guard bytes.count <= largest else { throw DurableFailure(.read, EFBIG, fileName) }
      return bytes
    } catch {
      guard error.isMissing else { throw error }
      return []
    }
  }

  private static func usable<Value>(_ work: () throws(DurableFailure) -> Value) throws(JobRefusal) -> Value {
    do throws(DurableFailure) {
      return try work()
    } catch {
      throw .outputUnusable("output.root: the map of names cannot be used: \(error)")
    }
  }
}

extension JobPlan {
  /// Every path that a message or a record of this plan may stand for.
  fileprivate var shownPaths: [String] { scans.flatMap { [$0.name] + $0.outputs.map(\.name) } + foundPaths }
}

extension JobRefusal {
  fileprivate static var otherKey: JobRefusal {
    .badJob([
      "policy.names: \(NameMap.fileName) in the output root was made with another key, by which this run would not know "
        + "the outputs again; give it that key, or another output.root, or move \(NameMap.fileName) away"
    ])
  }
}
