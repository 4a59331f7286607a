import Jobs
import Synchronization
import Volumes

/// A bar that is redrawn in place: scans done, the current scan's stage, throughput, time left.
///
/// Finished scans that somebody should know of (failures, findings) scroll up above it.
final class BarReport: ProgressReport {
  private struct State {
    var progress = RunProgress()
    var stage = ""
    var drawn: ContinuousClock.Instant?
  }

  private let messages: Messages
  private let repeated = RepeatedFailures()
  private let state = Mutex(State())

  init(messages: Messages) { self.messages = messages }

  func report(_ event: RunEvent) {
    state.withLock { state in
      state.progress.count(event)
      switch event {
      case .started: break
      case .noticed, .finished: return erase(&state)
      case .scanStarted: state.stage = ""
      case .stage(let stage, let frame, let frames):
        state.stage = frames > 1 ? "\(stage.rawValue) \(frame)/\(frames)" : stage.rawValue
      case .scanFinished(let scan): finish(scan, in: &state)
      }
      draw(&state)
    }
  }

  private func finish(_ scan: ScanReport, in state: inout State) {
    guard case .failed(let failure) = scan.outcome, repeated.isNews(failure) else { return }
    erase(&state)
    messages.failure(failure, of: scan.name, "\(scan.name): \(failure)")
  }

  private func erase(_ state: inout State) {
    if state.drawn != nil { Terminal.error("\r\u{1B}[K") }
    state.drawn = nil
  }

  /// Redraws at most ten times a second, so that two thousand small scans are not slowed by their own bar.
  private func draw(_ state: inout State) {
    if let drawn = state.drawn, drawn.duration(to: .now) < .milliseconds(100) { return }
    Terminal.draw("\r\u{1B}[K" + line(state, width: Terminal.width - 1))
    state.drawn = .now
  }

  private func line(_ state: State, width: Int) -> String {
    let progress = state.progress
    let share = progress.voxels > 0 ? Double(progress.voxelsDone) / Double(progress.voxels) : 0
    let filled = min(20, Int((share * 20).rounded(.down)))
    let bar = String(repeating: "━", count: filled) + String(repeating: "╌", count: 20 - filled)
    let facts = [
      "\(bar) \(progress.scansDone)/\(progress.scans)", state.stage, speed(progress), left(progress),
      Terminal.harmless(progress.scan ?? ""),
    ]
    return String(facts.filter { !$0.isEmpty }.joined(separator: "  ").prefix(width))
  }

  private func speed(_ progress: RunProgress) -> String {
    progress.voxelsPerSecond.map { Wording.decimals($0 / 1e6, 0) + " Mvoxel/s" } ?? ""
  }

  private func left(_ progress: RunProgress) -> String {
    progress.secondsLeft.map { Wording.duration($0) + " left" } ?? ""
  }
}
