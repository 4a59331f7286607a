import Glibc
import Parallel
import Synchronization

/// Turns SIGTERM, SIGINT and SIGHUP into a request to stop, for as long as it lives; there is one at a time.
///
/// By handlers, because a source of Dispatch's has a thread, and waits for ever where the system gives none.
final class StopSignals {
  /// The address of whom the handlers tell, which a handler can read without a lock; 0 for nobody.
  private static let listener = Atomic<UInt>(0)

  /// All that a handler was ever to tell: one on another thread may have read the address and not yet told it when the
  /// run is over.
  private static let told = Mutex<[Cancellation]>([])

  /// Whether somebody has asked to stop since the program began.
  private static let asked = Atomic<Bool>(false)
  /// Whether a stop is told in JSON on standard output, where nothing stands yet.
  private static let tellsResult = Atomic<Bool>(false)

  static var wasAsked: Bool { asked.load(ordering: .relaxed) }

  /// From now on standard output holds something, beside which no other document belongs.
  static func hasResults() { tellsResult.store(false, ordering: .relaxed) }

  /// Work that was asked to stop and hangs, in a disk that does not answer for instance, is left after so many seconds:
  /// what it has published is recorded, and the next run tidies up.
  private static let grace: UInt32 = 4

  init(raising cancellation: Cancellation) {
    // Made before a handler reads it.
    _ = Self.wasAsked
    Self.told.withLock { $0.append(cancellation) }
    let address = UInt(bitPattern: Unmanaged.passUnretained(cancellation).toOpaque())
    Self.listener.store(address, ordering: .releasing)
    var heard = sigset_t()
    sigemptyset(&heard)
    for number in [SIGTERM, SIGINT, SIGHUP] {
      // Calls that a signal interrupts are taken up again: `signal` sets SA_RESTART.
      _ = signal(number) { _ in StopSignals.tell() }
      sigaddset(&heard, number)
    }
    _ = signal(SIGALRM) { _ in StopSignals.leave() }
    sigaddset(&heard, SIGALRM)
    // Whoever started the program may have held them back.
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
  }

  // The handlers stay and tell nobody: a run that is at its end is not to be killed any more.
  deinit { Self.listener.store(0, ordering: .releasing) }

  /// Listens while `work` goes on, which asks whether to stop; afterwards signals end the program at once. For commands
  /// that write nothing but results.
  static func listening<Result>(to work: (Cancellation) throws -> Result) rethrows -> Result {
    let cancellation = Cancellation()
    let signals = StopSignals(raising: cancellation)
    defer {
      withExtendedLifetime(signals) {}
      endAtOnce(json: false)
    }
    return try work(cancellation)
  }

  /// Ends the program as soon as somebody asks: for commands that write nothing, wherever they read or compute.
  ///
  /// - Parameter json: tells of it on standard output too.
  static func endAtOnce(json: Bool) {
    _ = stopDocument
    tellsResult.store(json, ordering: .relaxed)
    var heard = sigset_t()
    sigemptyset(&heard)
    for number in [SIGTERM, SIGINT, SIGHUP] {
      _ = signal(number) { _ in StopSignals.leave() }
      sigaddset(&heard, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
  }

  /// Does nothing that may not be done in a handler: no lock, no memory; and waits for no reader.
  private static func leave() {
    write("medfilter: interrupted; run the same command again\n", to: STDERR_FILENO)
    if tellsResult.load(ordering: .relaxed) {
      write(stopDocument, to: STDOUT_FILENO)
    }
    _exit(75)
  }

  private static let stopDocument: StaticString = #"""
    {"format":"medfilter-error","version":1,"status":75,"errors":[{"code":"E_CANCELLED","message":"interrupted"}]}

    """#

  private static func write(_ text: StaticString, to descriptor: Int32) {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&request, 1, 0) > 0 else { return }
    _ = Glibc.write(descriptor, text.utf8Start, text.utf8CodeUnitCount)
  }

  /// Does nothing that may not be done in a handler: no lock, no memory.
  private static func tell() {
    asked.store(true, ordering: .relaxed)
    alarm(grace)
    guard let address = UnsafeRawPointer(bitPattern: listener.load(ordering: .acquiring)) else { return }
    Unmanaged<Cancellation>.fromOpaque(address).takeUnretainedValue().cancel()
  }
}
