import CLinux
import Glibc

/// What this process may use of the machine: the smallest of what exists and what its affinity, its cgroup and its own
/// limits allow.
package struct HostLimits: Sendable {
  package var threads: Int
  /// Bytes of memory.
  package var memory: Int

  package init(threads: Int, memory: Int) {
    self.threads = threads
    self.memory = memory
  }

  /// Looks at the machine now. Cgroups of both versions are read where they are mounted by default.
  package static func current() -> HostLimits {
    let quota = cpuQuota().map { max(1, Int($0.rounded(.up))) } ?? Int.max
    let physical = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    let threads = min(affinity(), quota)
    let addresses = ProcessLimits.addressesLeft(threads: threads).map { max(0, $0) }
    return HostLimits(threads: threads, memory: min(physical, cgroupMemory() ?? Int.max, addresses ?? Int.max))
  }

  /// The limits with a user's wishes put in; 0 means no wish. Memory that nobody named leaves a fifth for the rest of
  /// the machine: the page cache needs some, and the codecs' own state is not in the plan.
  package func asked(threads: Int, memory: Int) -> HostLimits {
    HostLimits(
      threads: threads > 0 ? threads : self.threads, memory: memory > 0 ? memory : self.memory / 5 * 4)
  }

  private static func affinity() -> Int {
    let allowed = Int(clinux_processors_allowed())
    // Sets of more than 1024 processors do not fit into the call; then all that are online count.
    return allowed > 0 ? allowed : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  private static func cgroupMemory() -> Int? {
    let texts = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    return texts.compactMap { firstLine(of: $0).flatMap { Int($0) } }.min()
  }

  /// Processors per period, from cgroup v2's "quota period"; `nil` without a quota.
  private static func cpuQuota() -> Double? {
    guard let fields = firstLine(of: "/sys/fs/cgroup/cpu.max")?.split(separator: " "), fields.count == 2,
      let quota = Double(fields[0]), let period = Double(fields[1]), period > 0
    else { return nil }
    return quota / period
  }

  private static func firstLine(of path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return nil }
    let bytes = line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
