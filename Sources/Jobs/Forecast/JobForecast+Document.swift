import StrictJSON
import Volumes

extension JobForecast {
  /// Scans that would fail, or could not be read, in the order of the plan.
  package var failures: [(scan: PlannedScan, failure: ScanFailure)] {
    zip(plan.scans, scans).compactMap { scan, forecast in
      if case .failure(let failure) = forecast.outcome { (scan, failure) } else { nil }
    }
  }

  /// How many scans would be done for each reason, the most frequent first.
  package var reasons: [(reason: Decision.Reason, count: Int)] {
    let reasons = scans.compactMap { if case .work(let reason) = $0.outcome { reason } else { nil } }
    let groups = Dictionary(grouping: reasons) { $0 }.map { (reason: $0, count: $1.count) }
    return groups.sorted { ($1.count, $0.reason.name) < ($0.count, $1.reason.name) }
  }

  package var toDo: Int { scans.count { $0.isWork } }
  package var upToDate: Int { scans.count { if case .upToDate = $0.outcome { true } else { false } } }
  package var toRecover: Int { scans.count { if case .recovered = $0.outcome { true } else { false } } }
  /// Scans whose last attempt failed and that a run would try again.
  package var failedLast: Int { scans.count { $0.isWork && $0.failedLast != nil } }

  /// What the document says of the run as a whole.
  var members: [(String, JSONOutput)] {
    [
      ("to_do", .int(toDo)), ("up_to_date", .int(upToDate)), ("to_recover", .int(toRecover)),
      ("would_fail", .int(failures.count)), ("failed_last", .int(failedLast)),
      ("reasons", .object(reasonCounts)), ("room", room.json), ("time", time?.json ?? .null), ("compared", basis.json),
      ("obstacle", obstacle.map { .string($0.sentences.joined(separator: "; ")) } ?? .null),
    ]
  }

  private var reasonCounts: [(String, JSONOutput)] {
    let names = Dictionary(grouping: reasons) { $0.reason.name }
    return names.map { ($0, .int($1.reduce(0) { $0 + $1.count })) }.sorted { $0.0 < $1.0 }
  }
}

extension JobForecast.Scan {
  /// What is to be done about the scan, beside what the plan says of it.
  var members: [(String, JSONOutput)] {
    let failed: [(String, JSONOutput)] = failedLast.map { [("failed_last", .string($0))] } ?? []
    return decision + failed
  }

  private var decision: [(String, JSONOutput)] {
    switch outcome {
    case .upToDate: [("decision", .string("up_to_date"))]
    case .recovered: [("decision", .string("recover"))]
    case .work(let reason): [("decision", .string("do")), ("reason", .string(reason.name))] + change(reason)
    case .failure(let failure): [("decision", .string("fail"))] + failure.members
    }
  }

  private func change(_ reason: Decision.Reason) -> [(String, JSONOutput)] {
    if case .earlierRule(let change) = reason { [("change", .string(change))] } else { [] }
  }
}

extension RoomForecast {
  fileprivate var json: JSONOutput {
    .object([
      ("bytes", .int(bytes)), ("basis", .string(basis.rawValue)), ("free_bytes", free.map { .int($0) } ?? .null),
    ])
  }
}

extension TimeForecast {
  fileprivate var json: JSONOutput {
    let basis: String =
      switch basis {
      case .recorded: "recorded"
      case .measured: "measured"
      case .machine: "machine"
      }
    return .object([("seconds", .double(seconds)), ("basis", .string(basis))])
  }
}

extension JobForecast.Basis {
  fileprivate var json: JSONOutput {
    .object([
      ("files_read", .int(readFiles)), ("bytes_read", .int(readBytes)), ("files_by_times", .int(filesByTimes)),
      ("files_by_size", .int(filesBySize)),
    ])
  }
}
