import DurableIO
import Glibc
import SeededNumbers
import Synchronization

/// A disk in memory that keeps what programs see apart from what would survive, and fails where it is told to.
///
/// Only regular files and folders; the tests of links, pipes and permissions use the real system.
package final class CrashDisk: Disk {
  struct Handle {
    let node: Int
    let appends: Bool
    var offset = 0
  }

  struct State {
    var nodes: [Int: Node] = [CrashDisk.rootNode: Node(.folder)]
    var handles: [Int32: Handle] = [:]
    var lockedBy: [Int: Int32] = [:]
    var nextNode = CrashDisk.rootNode + 1
    var nextHandle: Int32 = 3
    var faults = Faults()
    var calls = 0
    var wasInterrupted = false
  }

  static let rootNode = 2
  private let state: Mutex<State>

  package init() { state = Mutex(State()) }

  private init(_ survived: State) { state = Mutex(survived) }

  /// Counts calls anew.
  package func arm(_ faults: Faults) {
    state.withLock { state in
      state.faults = faults
      state.calls = 0
    }
  }

  /// Calls since the disk was armed.
  package var calls: Int { state.withLock { $0.calls } }

  /// Whether the process has died: nothing it says counts any more.
  package var isDead: Bool { state.withLock { $0.calls > $0.faults.deathAt ?? .max } }

  /// The disk as the next process finds it: nothing open, nothing locked, all synced.
  package func after(_ loss: PowerLoss) -> CrashDisk {
    var survived = state.withLock { $0 }
    var numbers = SeededNumbers(seed: 0)
    if case .keepsSome(let seed) = loss { numbers = SeededNumbers(seed: seed) }
    for id in survived.nodes.keys.sorted() { survived.nodes[id]?.lose(loss, &numbers) }
    (survived.handles, survived.lockedBy, survived.faults) = ([:], [:], Faults())
    return CrashDisk(survived)
  }

  package var creationMask: UInt32 { 0o022 }

  package func open(_ path: String, in folder: Descriptor?, for purpose: OpenPurpose) throws(SystemError) -> Descriptor
  {
    try call { state throws(SystemError) in
      let place = try state.place(of: path, in: folder)
      switch (place.node.flatMap { state.nodes[$0]?.kind }, purpose) {
      case (nil, .creating), (nil, .appending), (nil, .locking):
        let mode: UInt32 = purpose == .creating ? 0o600 : 0o644
        return state.open(try state.create(Node(.file, mode: mode), at: place), appends: purpose == .appending)
      case (nil, _): throw SystemError(ENOENT)
      case (_, .creating): throw SystemError(EEXIST)
      case (.file, .folder), (.file, .folderFollowingLinks): throw SystemError(ENOTDIR)
      case (.folder, .appending), (.folder, .locking): throw SystemError(EISDIR)
      default: return state.open(place.node ?? Self.rootNode, appends: purpose == .appending)
      }
    }
  }

  package func close(_ file: Descriptor) throws(SystemError) {
    try call { state throws(SystemError) in
      guard let handle = state.handles.removeValue(forKey: file.number) else { throw SystemError(EBADF) }
      if state.lockedBy[handle.node] == file.number { state.lockedBy[handle.node] = nil }
    }
  }

  package func read(
    _ file: Descriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(SystemError) -> Int {
    // The buffer is this call's own and nobody else's until it returns, whatever the checker makes of it.
    nonisolated(unsafe) let buffer = buffer
    return try call { state throws(SystemError) in
      let bytes = try state.node(of: file).bytes.dropFirst(offset).prefix(buffer.count)
      buffer.copyBytes(from: bytes)
      return bytes.count
    }
  }

  package func write(_ file: Descriptor, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
    nonisolated(unsafe) let bytes = bytes
    return try call { state throws(SystemError) in
      guard let handle = state.handles[file.number] else { throw SystemError(EBADF) }
      let taken = bytes.prefix(state.faults.longestWrite)
      let size = state.nodes[handle.node]?.bytes.count ?? 0
      let offset = handle.appends ? size : handle.offset
      let padding = [UInt8](repeating: 0, count: max(0, offset + taken.count - size))
      state.nodes[handle.node]?.bytes += padding
      state.nodes[handle.node]?.bytes.replaceSubrange(offset..<offset + taken.count, with: taken)
      state.handles[file.number]?.offset = offset + taken.count
      return taken.count
    }
  }

  package func truncate(_ file: Descriptor, to size: Int) throws(SystemError) {
    try call { state throws(SystemError) in
      let bytes = try state.node(of: file).bytes
      let padding = [UInt8](repeating: 0, count: max(0, size - bytes.count))
      try state.change(file) { $0.bytes = Array(bytes.prefix(size)) + padding }
    }
  }

  package func setMode(_ file: Descriptor, _ mode: UInt32) throws(SystemError) {
    try call { state throws(SystemError) in
      if state.faults.lacksModes { throw SystemError(EPERM) }
      try state.change(file) { $0.mode = mode }
    }
  }

  package func sync(_ file: Descriptor, dataOnly: Bool) throws(SystemError) {
    try call { state throws(SystemError) in try state.change(file) { $0.sync() } }
  }

  package func status(_ file: Descriptor) throws(SystemError) -> FileStatus {
    try call { state throws(SystemError) in
      guard let handle = state.handles[file.number] else { throw SystemError(EBADF) }
      return try state.status(of: handle.node)
    }
  }

  package func lock(_ file: Descriptor) throws(SystemError) -> Bool {
    try call { state throws(SystemError) in
      guard let handle = state.handles[file.number] else { throw SystemError(EBADF) }
      guard state.lockedBy[handle.node] == nil else { return state.lockedBy[handle.node] == file.number }
      state.lockedBy[handle.node] = file.number
      return true
    }
  }

  package func unlock(_ file: Descriptor) throws(SystemError) {
    try call { state throws(SystemError) in
      guard let handle = state.handles[file.number] else { throw SystemError(EBADF) }
      if state.lockedBy[handle.node] == file.number { state.lockedBy[handle.node] = nil }
    }
  }

  package func status(of path: String, in folder: Descriptor?) throws(SystemError) -> FileStatus {
    try call { state throws(SystemError) in
      guard let node = try state.place(of: path, in: folder).node else { throw SystemError(ENOENT) }
      return try state.status(of: node)
    }
  }

  package func makeFolder(_ path: String, in folder: Descriptor?) throws(SystemError) {
    try call { state throws(SystemError) in
      let place = try state.place(of: path, in: folder)
      guard place.node == nil else { throw SystemError(EEXIST) }
      _ = try state.create(Node(.folder, mode: 0o755), at: place)
    }
  }

  package func names(in folder: Descriptor) throws(SystemError) -> [String] {
    try call { state throws(SystemError) in Array(try state.node(of: folder).entries.keys) }
  }

  package func rename(
    _ name: String, to final: String, in folder: Descriptor, replacing: Bool
  ) throws(SystemError) {
    try call { state throws(SystemError) in
      let entries = try state.node(of: folder).entries
      if !replacing && state.faults.lacksExclusiveRename { throw SystemError(EINVAL) }
      guard let node = entries[name] else { throw SystemError(ENOENT) }
      guard replacing || entries[final] == nil else { throw SystemError(EEXIST) }
      try state.change(folder) { $0.change(.rename(name, to: final, node: node)) }
    }
  }

  package func link(_ name: String, to final: String, in folder: Descriptor) throws(SystemError) {
    try call { state throws(SystemError) in
      let entries = try state.node(of: folder).entries
      guard let node = entries[name] else { throw SystemError(ENOENT) }
      if state.faults.lacksLinks { throw SystemError(EPERM) }
      guard entries[final] == nil else { throw SystemError(EEXIST) }
      try state.change(folder) { $0.change(.set(final, node: node)) }
    }
  }

  package func unlink(_ name: String, in folder: Descriptor) throws(SystemError) {
    try call { state throws(SystemError) in
      guard try state.node(of: folder).entries[name] != nil else { throw SystemError(ENOENT) }
      try state.change(folder) { $0.change(.remove(name)) }
    }
  }

  func withState<Value: Sendable>(_ body: (inout State) -> Value) -> Value { state.withLock { body(&$0) } }

  /// One system call: counted, and failed when its turn has come.
  private func call<Value: Sendable>(
    _ body: (inout State) throws(SystemError) -> Value
  ) throws(SystemError) -> Value {
    try state.withLock { (state) throws(SystemError) in
      let number = state.calls
      if let death = state.faults.deathAt, number >= death {
        state.calls += 1
        throw SystemError(ESHUTDOWN)
      }
      if state.faults.interrupts {
        state.wasInterrupted.toggle()
        if state.wasInterrupted { throw SystemError(EINTR) }
      }
      state.calls += 1
      if let error = state.faults.error, error.at == number || (error.span == .forEver && error.at < number) {
        throw SystemError(error.code)
      }
      let value = try body(&state)
      if let lost = state.faults.lostAnswer, lost.at == number { throw SystemError(lost.code) }
      return value
    }
  }
}
