import Volumes

/// An operation that is ready for frames of one shape, of the kind that its scope says.
package enum PreparedOperation<S: ComputeScalar>: Sendable {
  /// Of voxels, neighbourhoods and whole frames.
  case frames(any FrameOperation<S>)
  /// Of one frame after the other.
  case accumulation(any Accumulation<S>)
  /// Of all frames at each voxel.
  case series(any SeriesOperation<S>)
  /// Of frames that are looked at, all of them, before one is changed.
  case survey(any Survey<S>)
}

/// Turns one frame into another; several frames at the same time.
package protocol FrameOperation<S>: Sendable {
  associatedtype S: ComputeScalar

  /// - Parameters:
  ///   - frame: Its memory becomes the operation's.
  ///   - number: of the frame in its series, from 0.
  func apply(to frame: Frame<S>, number: Int, runner: Runner<S>) throws(EngineFailure) -> Frame<S>
}

/// Sees a series frame after frame, and keeps less than the series. Belongs to one thread at a time.
package protocol Accumulation<S>: AnyObject, Sendable {
  associatedtype S: ComputeScalar

  func add(_ frame: Frame<S>, runner: Runner<S>) throws(EngineFailure)

  /// The results, after the last frame.
  func finish(runner: Runner<S>) throws(EngineFailure) -> [Frame<S>]
}

/// Looks at all frames of a series before it changes them. Belongs to one thread at a time.
package protocol Survey<S>: AnyObject, Sendable {
  associatedtype S: ComputeScalar

  /// Sees each frame once in every look.
  func look(at frame: Frame<S>, runner: Runner<S>) throws(EngineFailure)

  /// - Returns: whether it has to look at all frames once more.
  func endsLook() -> Bool

  func apply(to frame: Frame<S>, number: Int, runner: Runner<S>) throws(EngineFailure) -> Frame<S>
}

/// The voxels of a series that a lane works on at a time: the most that `SeriesOperation.apply` is given, and what the
/// lane's scratch has to suffice for.
package enum SeriesShare { package static let voxels = 1024 }

/// Turns the values that some voxels have over time into others.
package protocol SeriesOperation<S>: Sendable {
  associatedtype S: ComputeScalar

  /// How many frames come out; at most as many as come in.
  var outputFrames: Int { get }

  /// - Parameters:
  ///   - rows: For each frame, the values of some voxels. The results replace the first `outputFrames` rows.
  ///   - count: Voxels in each row.
  func apply(to rows: UnsafeMutableBufferPointer<UnsafeMutablePointer<S>>, count: Int, scratch: inout ScratchBlock)
}
