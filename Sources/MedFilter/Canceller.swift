import Parallel

/// A cancellation token: stops the calls that it was passed to, from any thread.
public final class Canceller: Sendable {
  let cancellation = Cancellation()

  /// One canceller may be passed to any number of calls.
  public init() {}

  /// The work ends with `E_CANCELLED` at its next check, within a fraction of a second; a job publishes nothing more after
  /// that.
  public func cancel() { cancellation.cancel() }

  /// Whether `cancel()` has been called.
  public var isCancelled: Bool { cancellation.isCancelled }
}
