import CLinux
import Glibc

/// The process's memory holds voxels, header text and the key of names. A crash must neither write it to a disk nor into
/// a shared log.
enum CrashPrivacy {
  /// Forbids core dumps and looks into the memory from outside, and takes away the Swift runtime's crash report, which
  /// shows the memory that the registers point at. `MEDFILTER_DEBUG=1` leaves all three to whoever looks for a defect.
  static func enforce() {
    guard Terminal.environment("MEDFILTER_DEBUG") != "1" else { return }
    _ = clinux_forbid_core_dumps()
    for crash in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGTRAP] { signal(crash, SIG_DFL) }
  }
}
