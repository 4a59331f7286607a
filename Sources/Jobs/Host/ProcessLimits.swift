import CLinux
import Glibc
import Volumes

/// The limits that a service manager or a shell set on this process: open files, address space and threads.
///
/// Looked at before there are lanes: a thread that cannot be made is tried for again and again by the thread library, so
/// a limit that is too low would look like a run that hangs.
package enum ProcessLimits {
  /// With a limit on addresses, memory comes from one pool: by default each lane would reserve 64 MiB of addresses.
  ///
  /// - Throws: `badJob` with the limit and the need, when not even one lane could work.
  package static func prepare() throws(JobRefusal) {
    if limit(on: RLIMIT_AS) != nil { clinux_use_one_arena() }
    try require(threads: 1)
  }

  /// - Throws: `badJob` with the limit and the need.
  static func require(threads: Int) throws(JobRefusal) {
    let lanes = "for \(threads) \(threads == 1 ? "thread" : "threads")"
    if let found = limit(on: RLIMIT_NOFILE), found < files(threads: threads) {
      throw .badJob([
        "the limit on open files (ulimit -n) is \(found), expected at least \(files(threads: threads)) \(lanes)"
      ])
    }
    if let left = addressesLeft(threads: threads), left < 0 {
      throw .badJob([
        "the limit on address space (ulimit -v) is \(mebibytes(-left)) MiB below what is needed \(lanes), "
          + "without any scan"
      ])
    }
    let (wanted, found) = (helpers(threads: threads), helpersToBeHad(threads: threads))
    if found < wanted {
      throw .badJob([
        "the limit on tasks (ulimit -u, TasksMax=, pids.max) leaves \(found) threads beside the first, expected at least "
          + "\(wanted) \(lanes); raise it, or lower --threads"
      ])
    }
  }

  /// Threads beside the first: each scan in flight has its reader, writer and hashes, and zstd's own threads; both standard streams have theirs. One lane
  /// works on the first thread alone.
  private static func helpers(threads: Int) -> Int {
    guard threads > 1 else { return 0 }
    let scans = min(threads, 16)
    return scans.multipliedSaturating(by: threads.addingSaturating(4)).addingSaturating(threads).addingSaturating(6)
  }

  private static func helpersToBeHad(threads: Int) -> Int {
    Int(clinux_threads_to_be_had(Int32(clamping: helpers(threads: threads))))
  }

  /// Bytes of addresses that are left for scans, or `nil` without a limit.
  static func addressesLeft(threads: Int) -> Int? {
    guard let all = limit(on: RLIMIT_AS) else { return nil }
    let stacks = helpers(threads: threads).addingSaturating(1).multipliedSaturating(by: stack)
    let needs = mapped.addingSaturating(stacks).addingSaturating(ownNeeds)
    return all - needs
  }

  /// Each lane has an input, a mask, an output and its read-back open; the rest are standard streams, folders, the log.
  private static func files(threads: Int) -> Int { threads.multipliedSaturating(by: 3).addingSaturating(24) }

  private static let ownNeeds = 64 << 20

  private static func mebibytes(_ bytes: Int) -> Int { (bytes >> 20) + 1 }

  /// What a thread's stack takes of the address space.
  private static var stack: Int { limit(on: RLIMIT_STACK) ?? 8 << 20 }

  /// Bytes of addresses in use now, program and libraries included.
  private static var mapped: Int {
    let pages = SmallFile.read("/proc/self/statm", limit: 200).flatMap { bytes in
      Int(String(decoding: bytes.prefix { $0 != 0x20 }, as: UTF8.self))
    }
    return (pages ?? 0).multipliedSaturating(by: Int(sysconf(Int32(_SC_PAGESIZE))))
  }

  private static func limit(on resource: __rlimit_resource) -> Int? {
    var found = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &found) == 0, found.rlim_cur < rlim_t(Int.max) else {
      return nil
    }
    return Int(found.rlim_cur)
  }
}
