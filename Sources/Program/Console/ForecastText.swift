import Jobs
import Volumes

/// What a run would do, for people: a line for each kind of scan, then the room and the time for it.
struct ForecastText {
  let forecast: JobForecast

  var text: String {
    ([head] + reasons + [failing, retried, room, time, basis].compactMap { $0 }).joined(separator: "\n  ")
  }

  private var head: String {
    let counts = [
      (forecast.toDo, "to do"), (forecast.upToDate, "up to date"), (forecast.toRecover, "to recover"),
      (forecast.failures.count, "would fail"),
    ]
    let parts = counts.filter { $0.0 > 0 }.map { "\($0) \($1)" }
    return "a run would find: \(parts.joined(separator: ", "))"
  }

  private var reasons: [String] {
    forecast.reasons.map { reason, count in "\(Wording.count(count, "scan")) \(Self.words(reason, count))" }
  }

  private static func words(_ reason: Decision.Reason, _ count: Int) -> String {
    let its = count == 1 ? "its" : "their"
    return switch reason {
    case .new: "without an output yet"
    case .outputMissing: "whose recorded output is gone"
    case .inputChanged: "again: \(its) input has changed"
    case .earlierRule(let change): "again: \(change)"
    case .jobChanged: "again: the job has changed, and on_exists is \"replace\""
    case .foreignFile: "over another file of \(its) output's name, as on_exists is \"replace\""
    case .forced: "again"
    }
  }

  private var failing: String? {
    forecast.failures.isEmpty
      ? nil : "\(Wording.count(forecast.failures.count, "scan")) would fail, for the reasons below"
  }

  private var retried: String? {
    guard forecast.failedLast > 0 else { return nil }
    return "\(forecast.failedLast) of those to do failed in the last run, and would be tried again"
  }

  private var room: String? {
    guard forecast.toDo > 0 else { return nil }
    let written = Wording.bytes(forecast.room.bytes)
    let wording =
      switch forecast.room.basis {
      case .exact: "\(written) to write"
      case .recorded: "about \(written) to write, as earlier outputs came out"
      case .uncompressed: "at most \(written) to write, before compression"
      }
    return "room: \(wording)" + (forecast.room.free.map { ", \(Wording.bytes($0)) free" } ?? "")
  }

  private var time: String? {
    guard let time = forecast.time else { return nil }
    let duration = time.seconds < 1 ? "a second" : Wording.duration(time.seconds)
    return switch time.basis {
    case .recorded(let outputs): "time: about \(duration), as \(Wording.count(outputs, "recorded output")) took"
    case .measured: "time: about \(duration), going by one scan that was tried now"
    case .machine: "time: at least \(duration), which the filters take on this machine at best"
    }
  }

  private var basis: String? {
    let basis = forecast.basis
    let parts = [
      (basis.filesByTimes, "by size and times"), (basis.readFiles, "by content (\(Wording.bytes(basis.readBytes)))"),
      (basis.filesBySize, "by size alone"),
    ].filter { $0.0 > 0 }.map { "\(Wording.count($0, "file")) \($1)" }
    guard !parts.isEmpty else { return nil }
    let more = basis.readsAll || basis.filesByTimes + basis.filesBySize == 0 ? "" : "; --verify-all reads every file"
    return "compared with the log: \(parts.joined(separator: ", "))\(more)"
  }
}

/// Failures that are the same, told once.
enum FailureGroups {
  private static let most = 3

  /// One sentence for each, in the order of their first scans.
  static func sentences(_ failures: [(name: String, failure: ScanFailure)]) -> [String] {
    var order: [String] = []
    var names: [String: [String]] = [:]
    for (name, failure) in failures {
      let text = "\(failure)"
      if names[text] == nil { order.append(text) }
      names[text, default: []].append(name)
    }
    return order.map { sentence($0, names[$0] ?? []) }
  }

  private static func sentence(_ failure: String, _ names: [String]) -> String {
    guard names.count > most else { return "\(names.joined(separator: ", ")): \(failure)" }
    return
      "\(names.prefix(most).joined(separator: ", ")) and \(Wording.count(names.count - most, "more scan")): \(failure)"
  }
}
