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

  init(raising cancellation: Cancellation) {
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
    // Whoever started the program may have held them back.
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
  }

  // The handlers stay and tell nobody: a run that is at its end is not to be killed any more.
  deinit { Self.listener.store(0, ordering: .releasing) }

  /// Listens while `work` goes on, which asks whether to stop; afterwards signals end the program as they always do.
  static func listening<Result>(to work: (Cancellation) throws -> Result) rethrows -> Result {
    let cancellation = Cancellation()
    let signals = StopSignals(raising: cancellation)
    defer {
      withExtendedLifetime(signals) {}
      for number in [SIGTERM, SIGINT, SIGHUP] { _ = signal(number, SIG_DFL) }
    }
    return try work(cancellation)
  }

  /// Does nothing that may not be done in a handler: no lock, no memory.
  private static func tell() {
    guard let address = UnsafeRawPointer(bitPattern: listener.load(ordering: .acquiring)) else { return }
    Unmanaged<Cancellation>.fromOpaque(address).takeUnretainedValue().cancel()
  }
}
