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

  /// Looks at the machine now.
  package static func current() -> HostLimits {
    let groups = ControlGroups.current
    let quota = groups.processors.map { max(1, Int(min($0.rounded(.up), 1e6))) } ?? Int.max
    let physical = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    let threads = min(affinity(), quota)
    let addresses = ProcessLimits.addressesLeft(threads: threads).map { max(0, $0) }
    return HostLimits(threads: threads, memory: min(physical, groups.memory ?? Int.max, addresses ?? Int.max))
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
}
