import Parallel

/// Stops work that it was given to, from any thread.
public final class Canceller: Sendable {
  let cancellation = Cancellation()

  public init() {}

  /// The work ends with `E_CANCELLED` as soon as it looks, within a fraction of a second; of a job, nothing more is
  /// published after that.
  public func cancel() { cancellation.cancel() }

  public var isCancelled: Bool { cancellation.isCancelled }
}
