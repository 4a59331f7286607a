import SeededNumbers

/// A file or folder, as the running system sees it and as the disk would hold it if the power failed now.
struct Node {
  enum Kind { case file, folder }

  /// A change to a folder's names that a loss of power takes or leaves as a whole.
  enum Change {
    case set(String, node: Int)
    case remove(String)
    case rename(String, to: String, node: Int)

    func apply(to entries: inout [String: Int]) {
      switch self {
      case .set(let name, let node): entries[name] = node
      case .remove(let name): entries[name] = nil
      case .rename(let name, let final, let node):
        entries[name] = nil
        entries[final] = node
      }
    }
  }

  let kind: Kind
  var mode: UInt32
  var bytes: [UInt8] = []
  var durableBytes: [UInt8] = []
  var entries: [String: Int] = [:]
  var durableEntries: [String: Int] = [:]
  var unsynced: [Change] = []

  init(_ kind: Kind, mode: UInt32 = 0) {
    self.kind = kind
    self.mode = mode
  }

  mutating func change(_ change: Change) {
    change.apply(to: &entries)
    unsynced.append(change)
  }

  mutating func sync() {
    durableBytes = bytes
    durableEntries = entries
    unsynced = []
  }

  mutating func lose(_ loss: PowerLoss, _ numbers: inout SeededNumbers) {
    switch loss {
    case .keepsAll: break
    case .keepsNothing: (bytes, entries) = (durableBytes, durableEntries)
    case .keepsNames: bytes = durableBytes
    case .keepsData: entries = durableEntries
    case .keepsSome: loseSome(&numbers)
    }
    sync()
  }

  private mutating func loseSome(_ numbers: inout SeededNumbers) {
    entries = durableEntries
    for change in unsynced where Bool.random(using: &numbers) { change.apply(to: &entries) }
    let shortest = min(bytes.count, durableBytes.count)
    let longest = max(bytes.count, durableBytes.count)
    let length = [shortest, longest, Int.random(in: shortest...longest, using: &numbers)].randomElement(using: &numbers)
    var survived: [UInt8] = []
    // Small blocks, so that one line of a log covers several.
    for start in stride(from: 0, to: length ?? 0, by: 64) {
      let block = Bool.random(using: &numbers) ? bytes : durableBytes
      let end = min(start + 64, length ?? 0)
      for index in start..<end { survived.append(index < block.count ? block[index] : 0) }
    }
    bytes = survived
  }
}
