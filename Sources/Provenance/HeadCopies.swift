import DurableIO
import Glibc

/// Heads of a log that were copied to another place, where whoever can write the log cannot write.
package struct HeadCopies: Sendable {
  /// Files of heads end like this, in an anchor folder too.
  static let suffix = ".head"
  /// More than that is no head.
  static let longest = 1 << 16

  struct Copy: Sendable {
    /// The file's name, or the line in it.
    let name: String
    /// `nil` when it does not read as a head.
    let note: HeadNote?
    /// A line of a journal holds no signature; a file that is a copy of a signed head does.
    let isNote: Bool
  }

  let copies: [Copy]
  /// Which output root each log belongs to, where its runs have said so beside the copies.
  private(set) var roots: [String: String] = [:]
  /// Whether it is in order that none of them is of the log in question.
  private(set) var mayBeNone = false

  /// The same, for a log that was begun before they were kept.
  var optional: HeadCopies {
    var copies = self
    copies.mayBeNone = true
    return copies
  }

  /// Reads every head in a folder, the one in a file, or those that a journal's text holds.
  ///
  /// - Throws: when there is no such place, or nothing in it may be read.
  package init(at path: String, disk: any Disk = SystemDisk()) throws(DurableFailure) {
    do {
      let folder = try OpenFolder(followingLinks: path, disk: disk)
      try self.init(in: folder)
    } catch {
      guard error.code == ENOTDIR else { throw error }
      let (folder, name) = LogPlace.split(path)
      try self.init(OpenFolder(followingLinks: folder, disk: disk).file(at: name), name: name)
    }
  }

  /// The heads in a folder of anchors. What cannot be read there is no head.
  init(in folder: OpenFolder) throws(DurableFailure) {
    copies = try folder.names().filter { $0.hasSuffix(Self.suffix) }.map { name in
      let bytes = try? folder.file(at: name).bytes(limit: Self.longest)
      return Copy(name: name, note: bytes.flatMap { HeadNote($0) }, isNote: true)
    }
    for name in try folder.names() where name.hasSuffix(AnchorFolder.rootSuffix) {
      let bytes = try? folder.file(at: name).bytes(limit: Self.longest)
      roots[String(name.dropLast(AnchorFolder.rootSuffix.count))] = bytes.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// The logs of the same output root of which there are copies.
  func others(of logID: String) -> [String] {
    guard let root = roots[logID] else { return [] }
    let copied = Set(copies.compactMap { $0.note?.head.logID })
    return roots.filter { $0.value == root && $0.key != logID && copied.contains($0.key) }.map(\.key).sorted()
  }

  private init(_ file: StoredFile, name: String) throws(DurableFailure) {
    if let note = HeadNote(try file.bytes(limit: Self.longest)) {
      copies = [Copy(name: name, note: note, isNote: true)]
      return
    }
    file.seek(to: 0)
    copies = try Self.journal(file, name: name)
  }

  private static func journal(_ file: StoredFile, name: String) throws(DurableFailure) -> [Copy] {
    var (copies, splitter, number) = ([Copy](), LineSplitter(), 0)
    try file.forEachPiece { piece in
      splitter.take(piece) { line in
        number += 1
        guard case .whole(let bytes) = line, let head = LogHead(journal: String(decoding: bytes, as: UTF8.self)) else {
          return
        }
        copies.append(Copy(name: "\(name) line \(number)", note: HeadNote(unsigned: head), isNote: false))
      }
      return true
    }
    return copies
  }
}

extension LogHead {
  /// What `line` wrote, wherever it stands in a line of a journal.
  init?(journal line: String) {
    guard let mark = line.firstRange(of: "head \(Self.originPrefix)") else { return nil }
    let words = line[mark.upperBound...].split(separator: " ")
    guard words.count >= 3, words[1].hasPrefix("size="), words[2].hasPrefix("root=") else { return nil }
    // A journal in JSON goes on right behind the root.
    let root = words[2].dropFirst(5).prefix(Self.rootLength)
    self.init(logID: String(words[0]), size: words[1].dropFirst(5), root: root)
  }

  /// 32 bytes in base64.
  private static let rootLength = 44
}
