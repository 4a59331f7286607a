import Glibc
import Synchronization

/// Proof that this process is the only one writing to an output tree, until the value is released or gone.
///
/// The lock is the kernel's (`flock`), so it ends with its holder however that dies; the text in the file only says who.
package final class FolderLock: Sendable {
  package static let path = "\(OutputFolder.stateFolder)/lock"

  package enum Failure: Error, Equatable {
    /// Who says it holds the lock: `pid 4711 on scanner-3`, or an empty string.
    case held(by: String)
    case disk(DurableFailure)
  }

  private let disk: any Disk
  private let descriptor: Descriptor
  private let root: OpenFolder
  private let isHeld = Mutex(true)

  /// - Parameter holder: goes into the file for whoever finds it locked; by default this process and host.
  package init(_ folder: OutputFolder, holder: String = FolderLock.thisProcess) throws(Failure) {
    disk = folder.disk
    root = folder.root
    do {
      descriptor = try Self.open(folder)
    } catch {
      throw .disk(error)
    }
    do {
      guard try acquire() else { throw Failure.held(by: Self.readHolder(folder.root)) }
      try write(holder)
    } catch let failure as Failure {
      throw failure
    } catch let failure as DurableFailure {
      throw .disk(failure)
    } catch {
      throw .disk(DurableFailure(.lock, EIO, Self.path))
    }
  }

  /// Whether the lock is still under its name: where that was removed, somebody else can take another one.
  package var isInPlace: Bool {
    guard let held = try? disk.status(descriptor).identity else { return false }
    return (try? root.status(of: Self.path))??.identity == held
  }

  deinit {
    release()
    disk.closeQuietly(descriptor)
  }

  /// Lets the next one in. Not left to the last reference: a lane may let go of its own a moment after the run's end.
  package func release() {
    isHeld.withLock { isHeld in
      guard isHeld else { return }
      isHeld = false
      // Between fork and exec, a child started by another thread has the descriptor too: closing ours would not do.
      try? disk.unlock(descriptor)
    }
  }

  package static var thisProcess: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "pid \(getpid())" }
    let host = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return "pid \(getpid()) on \(String(decoding: host, as: UTF8.self))"
  }

  private static func open(_ folder: OutputFolder) throws(DurableFailure) -> Descriptor {
    let state = try folder.ensureFolder(OutputFolder.stateFolder)
    do {
      return try open(in: state)
    } catch {
      guard error.code == ELOOP, try state.dropAnnexLink("lock") else { throw error }
      return try open(in: state)
    }
  }

  private static func open(in state: OpenFolder) throws(DurableFailure) -> Descriptor {
    try attempt(.lock, path) { () throws(SystemError) in
      try state.disk.open("lock", in: state.descriptor, for: .locking)
    }
  }

  private func acquire() throws(DurableFailure) -> Bool {
    // Whoever can open the file can lock it, and keep every run out for as long as he likes. Earlier versions let all read it.
    try? disk.setMode(descriptor, 0o600)
    return try attempt(.lock, Self.path) { () throws(SystemError) in try disk.lock(descriptor) }
  }

  private func write(_ holder: String) throws(DurableFailure) {
    try attempt(.lock, Self.path) { () throws(SystemError) in try disk.truncate(descriptor, to: 0) }
    try Array("\(holder)\n".utf8).span.bytes.withUnsafeBytes { (raw) throws(DurableFailure) in
      try disk.writeAll(descriptor, raw, path: Self.path)
    }
  }

  /// Whoever wrote the file is not trusted with the reader's terminal.
  static func readHolder(_ root: OpenFolder) -> String {
    guard let bytes = try? root.file(at: path).bytes(limit: 300) else { return "" }
    return String(decoding: bytes.filter { (0x20..<0x7F).contains($0) }, as: UTF8.self)
  }
}
