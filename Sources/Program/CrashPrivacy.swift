import CLinux
import Glibc

/// The process's memory holds voxels, header text and the key of names. A crash must neither write it to a disk nor into
/// a shared log.
enum CrashPrivacy {
  /// Forbids core dumps, and takes away the Swift runtime's crash report, which shows the memory that the registers
  /// point at. Whoever sets `SWIFT_BACKTRACE`, to look for a defect, gets that report.
  static func enforce() {
    _ = clinux_forbid_core_dumps()
    guard getenv("SWIFT_BACKTRACE") == nil else { return }
    for crash in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGTRAP] { signal(crash, SIG_DFL) }
  }
}
