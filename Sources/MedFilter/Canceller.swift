import Parallel

/// Stops work that it was given to, from any thread.
public final class Canceller: Sendable {
  let cancellation = Cancellation()

  /// One canceller may be given to any number of calls.
  public init() {}

  /// The work ends with `E_CANCELLED` as soon as it looks, within a fraction of a second; of a job, nothing more is
  /// published after that.
  public func cancel() { cancellation.cancel() }

  /// Whether somebody has called `cancel()`.
  public var isCancelled: Bool { cancellation.isCancelled }
}
