import Glibc

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
}
