import Jobs
import Synchronization
import Volumes

/// A bar that is redrawn in place: scans done, the current scan's stage, throughput, time left.
///
/// Finished scans that somebody should know of (failures, findings) scroll up above it.
final class BarReport: ProgressReport {
  private struct State {
    var scans = 0
    var scansDone = 0
    var voxels = 0
    var voxelsDone = 0
    /// Voxels that cost time: scans that were up to date do not tell how long the rest will take.
    var voxelsWorked = 0
    var current = ""
    var currentVoxels = 0
    var stage = ""
    var started = ContinuousClock.now
    var drawn: ContinuousClock.Instant?
  }

  private let messages: Messages
  private let repeated = RepeatedFailures()
  private let state = Mutex(State())

  init(messages: Messages) { self.messages = messages }

  func report(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .started(let scans, let voxels):
        state.scans = scans
        state.voxels = voxels
        state.started = .now
      case .noticed: return erase(&state)
      case .scanStarted(let name, let voxels):
        state.current = name
        state.currentVoxels = voxels
        state.stage = ""
      case .stage(let stage, let frame, let frames):
        state.stage = frames > 1 ? "\(stage.rawValue) \(frame)/\(frames)" : stage.rawValue
      case .scanFinished(let scan): finish(scan, in: &state)
      case .finished: return erase(&state)
      }
      draw(&state)
    }
  }

  private func finish(_ scan: ScanReport, in state: inout State) {
    state.scansDone += 1
    state.voxelsDone = state.voxelsDone.addingSaturating(state.currentVoxels)
    switch scan.outcome {
    case .done: state.voxelsWorked += scan.voxels
    case .upToDate, .recovered: break
    case .failed(let failure):
      guard repeated.isNews(failure) else { break }
      erase(&state)
      messages.error("\(scan.name): \(failure)")
    }
    state.currentVoxels = 0
  }

  private func erase(_ state: inout State) {
    if state.drawn != nil { Terminal.error("\r\u{1B}[K") }
    state.drawn = nil
  }

  /// Redraws at most ten times a second, so that two thousand small scans are not slowed by their own bar.
  private func draw(_ state: inout State) {
    if let drawn = state.drawn, drawn.duration(to: .now) < .milliseconds(100) { return }
    Terminal.error("\r\u{1B}[K" + line(state, width: Terminal.width - 1))
    state.drawn = .now
  }

  private func line(_ state: State, width: Int) -> String {
    let share = state.voxels > 0 ? Double(state.voxelsDone) / Double(state.voxels) : 0
    let filled = Int((share * 20).rounded(.down))
    let bar = String(repeating: "━", count: filled) + String(repeating: "╌", count: 20 - filled)
    let facts = [
      "\(bar) \(state.scansDone)/\(state.scans)", state.stage, speed(state), left(state),
      Terminal.harmless(state.current),
    ]
    return String(facts.filter { !$0.isEmpty }.joined(separator: "  ").prefix(width))
  }

  private func speed(_ state: State) -> String {
    let seconds = state.started.duration(to: .now).seconds
    guard state.voxelsWorked > 0, seconds > 0 else { return "" }
    return Wording.decimals(Double(state.voxelsWorked) / seconds / 1e6, 0) + " Mvoxel/s"
  }

  private func left(_ state: State) -> String {
    let seconds = state.started.duration(to: .now).seconds
    guard state.voxelsWorked > 0, seconds > 1 else { return "" }
    let rest = Double(state.voxels - state.voxelsDone)
    return Wording.duration(rest * seconds / Double(state.voxelsWorked)) + " left"
  }
}
