import Glibc
import Jobs

/// Standard input, output and error as a scheduler may have left them.
enum StandardStreams {
  /// Opens those of the three that are closed on /dev/null, so that no scan is ever written to descriptor 1, and lets
  /// writes to a reader that went away, or past a file-size limit, fail with an error instead of a signal.
  static func open() {
    var descriptor: Int32
    repeat { descriptor = Glibc.open("/dev/null", O_RDWR) } while descriptor >= 0 && descriptor <= 2
    if descriptor > 2 { close(descriptor) }
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// The status to end with: whoever asked for results and did not get them is not told that all is well.
  static func status(after status: ExitStatus) -> ExitStatus {
    guard let trouble = Terminal.resultsTrouble else { return status }
    let (reason, own): (String, ExitStatus) =
      switch trouble {
      case .failed(EPIPE): ("its reader closed it early", .ioFailed)
      case .failed(let code): (String(cString: strerror(code)), .ioFailed)
      case .stopped: ("its reader stalled, and the command was asked to stop", .tryAgain)
      }
    Messages().error("the results could not be written to standard output: \(reason)")
    return status == .success ? own : status
  }
}
