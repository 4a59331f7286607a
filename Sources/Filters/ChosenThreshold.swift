import CHotLoops
import Filtering
import StrictJSON
import Synchronization
import Volumes

/// What a threshold is chosen from.
package enum Span: String, CaseIterable, Sendable {
  /// One threshold for all frames of a scan.
  case series
  /// One for each frame.
  case frame

  static let key = Key<Span>(
    "over", .choice, .byDefault(.series), "Whether all frames of a scan get one threshold, or each frame its own.")
}

/// Thresholds that an operation chooses from the voxels, look by look.
protocol ThresholdChoice: Sendable {
  /// Takes a frame in; every look sees all frames.
  mutating func look<S: ComputeScalar>(at frame: Frame<S>, runner: Runner<S>) throws(EngineFailure)

  /// - Returns: whether it has to look once more.
  mutating func endsLook() -> Bool

  /// Changes a frame, once the last look has ended.
  func apply<S: ComputeScalar>(to voxels: UnsafeMutablePointer<S>, _ count: Int, _ loops: Loops)

  /// The numbers that were chosen, with their names.
  var chosen: [(name: String, value: Double)] { get }
}

/// An operation that chooses numbers from the voxels of a frame or of a series, and then changes each voxel by them.
protocol ChoosingOperation: Filtering.Operation {
  associatedtype Choice: ThresholdChoice
  var span: Span { get }
  var choice: Choice { get }
}

extension ChoosingOperation {
  package func output(for layout: Layout) -> Layout { layout }

  package func scope(in engine: Engine) -> Scope { span == .frame ? .frame : .series }

  package var companions: [Companion] { [] }

  package var residentBytes: Int { 0 }

  package func cost<S: ComputeScalar>(for layout: Layout, in scalar: S.Type, _ engine: Engine) -> OperationCost {
    OperationCost()
  }

  package func prepare<S: ComputeScalar>(
    for scalar: S.Type, at place: OperationPlace, _ engine: Engine
  ) -> PreparedOperation<S> {
    switch span {
    case .frame: .frames(FrameByFrame<S, Choice>(filter: filter, choice: choice, chosen: place.chosen))
    case .series: .survey(WholeSeries<S, Choice>(filter: filter, choice: choice, chosen: place.chosen))
    }
  }
}

extension ThresholdChoice {
  fileprivate func change<S: ComputeScalar>(_ frame: Frame<S>, runner: Runner<S>) throws(EngineFailure) {
    let loops = runner.loops
    try runner.forEachRun(of: frame.shape) { run in apply(to: frame.base + run.lowerBound, run.count, loops) }
  }

  fileprivate func note(_ filter: String, frame: Int?, in chosen: ChosenValues) {
    for (name, value) in self.chosen {
      chosen.note(ChosenValue(filter: filter, name: name, frame: frame, value: value))
    }
  }
}

private struct FrameByFrame<S: ComputeScalar, Choice: ThresholdChoice>: FrameOperation {
  let filter: String
  let choice: Choice
  let chosen: ChosenValues

  func apply(to frame: Frame<S>, number: Int, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    var choice = choice
    repeat { try choice.look(at: frame, runner: runner) } while choice.endsLook()
    choice.note(filter, frame: number, in: chosen)
    try choice.change(frame, runner: runner)
    return frame
  }
}

private final class WholeSeries<S: ComputeScalar, Choice: ThresholdChoice>: Survey {
  private let filter: String
  private let chosen: ChosenValues
  private let choice: Mutex<Choice>

  init(filter: String, choice: Choice, chosen: ChosenValues) {
    (self.filter, self.chosen) = (filter, chosen)
    self.choice = Mutex(choice)
  }

  func look(at frame: Frame<S>, runner: Runner<S>) throws(EngineFailure) {
    var now = choice.withLock { $0 }
    try now.look(at: frame, runner: runner)
    choice.withLock { $0 = now }
  }

  func endsLook() -> Bool {
    let (again, choice) = choice.withLock { ($0.endsLook(), $0) }
    if !again { choice.note(filter, frame: nil, in: chosen) }
    return again
  }

  func apply(to frame: Frame<S>, number: Int, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    try choice.withLock { $0 }.change(frame, runner: runner)
    return frame
  }
}
