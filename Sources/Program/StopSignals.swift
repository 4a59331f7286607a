import Dispatch
import Glibc
import Parallel

/// Turns SIGTERM, SIGINT and SIGHUP into a request to stop, for as long as it lives.
final class StopSignals {
  private let sources: [any DispatchSourceSignal]

  init(raising cancellation: Cancellation) {
    sources = [SIGTERM, SIGINT, SIGHUP].map { number in
      // The default action would kill the process before Dispatch sees the signal.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { cancellation.cancel() }
      source.resume()
      return source
    }
  }

  deinit { sources.forEach { $0.cancel() } }
}
