import StrictJSON

/// How much of the machine a job may use; 0 is what the process may use by its affinity and its cgroup.
package struct ResourceSpec: Sendable {
  package var threads = 0
  package var memoryMegabytes = 0

  init() {}

  init?(_ object: ObjectReader) {
    let threads = object.read(Self.threadsKey)
    let memory = object.read(Self.memoryKey)
    guard object.isSound, let threads, let memory else { return nil }
    self.threads = threads
    self.memoryMegabytes = memory
  }

  package var memoryBytes: Int { memoryMegabytes * 1_000_000 }
}

// MARK: - Keys

extension ResourceSpec {
  static let form = Form(keys: [threadsKey.declaration, memoryKey.declaration])

  private static let threadsKey = Key<Int>(
    "threads", .integer(.from(0, to: 4096)), .byDefault(0),
    "Threads that filter and compress; 0 is as many as the process may use.")
  // A petabyte: far beyond any machine, and its bytes still fit.
  private static let memoryKey = Key<Int>(
    "memory_mb", .integer(.from(0, to: 1_000_000_000)), .byDefault(0),
    "Memory in megabytes (10⁶ bytes) that scans may take; 0 is most of what the process may use. A scan that needs more is "
      + "filtered some slices at a time, or refused with both numbers.")
}
