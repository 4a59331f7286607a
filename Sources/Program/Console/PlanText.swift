import Filtering
import Filters
import Jobs
import Volumes

/// A plan for people: what a run would do, then one block per distinct grid. Of many grids, the one that most scans are on
/// and a summary.
struct PlanText {
  private let plan: JobPlan
  private let forecast: JobForecast
  private let contents: [Int: [PlannedScan.Content]]

  /// Blocks that a person reads.
  private static let mostBlocks = 8

  init(_ forecast: JobForecast) {
    (plan, self.forecast) = (forecast.plan, forecast)
    contents = Dictionary(grouping: plan.scans.compactMap { try? $0.content.get() }, by: \.grid)
  }

  var text: String {
    let parts = [head + example, ForecastText(forecast: forecast).text] + blocks
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var blocks: [String] {
    let used = plan.grids.indices.filter { contents[$0] != nil }
    guard used.count > Self.mostBlocks else { return used.compactMap(block) }
    let most = used.max { (contents[$0]?.count ?? 0, $1) < (contents[$1]?.count ?? 0, $0) }
    return (most.flatMap(block).map { [$0] } ?? []) + [GridSummary(used.map { plan.grids[$0] }).text]
  }

  /// Where the first scan's output goes, so that a wrong name is seen before there are thousands of it.
  private var example: String {
    let sound = plan.scans.filter { (try? $0.content.get()) != nil }
    guard let first = sound.first else { return "" }
    let more = sound.count > 1 ? "\n  and \(Wording.count(sound.count - 1, "more scan")); --json names all" : ""
    return "\n  \(Terminal.harmless(first.shownName)) → \(Terminal.harmless(first.shownOutput))" + more
  }

  private var head: String {
    let threads = Wording.count(plan.limits.threads, "thread")
    return "\(plan.spec.name): \(Wording.count(plan.scans.count, "scan")), "
      + "\(Wording.count(plan.grids.count, "distinct grid")); \(threads), \(plan.instructionSet.name), "
      + "at most \(Wording.bytes(plan.limits.memory)) of memory"
  }

  /// `nil` for a grid whose scans are all refused.
  private func block(_ index: Int) -> String? {
    let grid = plan.grids[index]
    guard let contents = contents[index] else { return nil }
    let frames = contents.reduce(0) { $0.addingSaturating($1.facts.frames) }
    let memory = contents.map(\.memory).max() ?? 0
    let spacing = Self.triple(grid.key.spacing.array)
    let title =
      "\(grid.key.shape) voxels of \(spacing) mm, in \(grid.double ? "double" : "float"): "
      + "\(Wording.count(contents.count, "scan")), \(Wording.count(frames, "frame"))"
    let cost =
      "  \(Wording.count(grid.cost.passes, "pass")), "
      + "\(grid.cost.multipliesPerVoxel) multiplies per voxel, \(Wording.bytes(memory)) of memory per scan"
      + slabs(contents)
    return ([title] + grid.filters.map { lines($0, grid.double) } + [cost]).joined(separator: "\n")
  }

  /// Empty when all frames fit into the memory as a whole.
  private func slabs(_ contents: [PlannedScan.Content]) -> String {
    contents.compactMap(\.room.slabSlices).min().map { ", \(Wording.count($0, "slice")) at a time" } ?? ""
  }

  private func lines(_ filter: PlannedFilter, _ double: Bool) -> String {
    guard let record = filter.record else { return "  \(filter.name)  \(what(filter.scope))" }
    let facts = facts(record, in: double).map { "      \($0)" }
    let findings = filter.findings.map { "      warning: \($0.code): \($0.detail)" }
    return (["  \(filter.name)  \(method(record))"] + facts + findings).joined(separator: "\n")
  }

  private func what(_ scope: Scope?) -> String {
    switch scope {
    case nil: "publishes what comes to it"
    case .voxel: "one voxel at a time"
    case .neighbourhood(let halo):
      "neighbours up to \(halo.reach.array.map(String.init).joined(separator: "×")) voxels away"
    case .frame: "one whole frame at a time"
    case .frameAfterFrame: "one frame after the other"
    case .series: "all frames together"
    }
  }

  private func method(_ record: KernelRecord) -> String {
    let size = record.size.array.map(String.init).joined(separator: "×")
    return "\(size) taps, \(record.method.rawValue), \(record.multipliesAfter) multiplies per voxel instead of "
      + "\(record.multipliesBefore)"
  }

  private func facts(_ record: KernelRecord, in double: Bool) -> [String] {
    var facts: [String] = []
    if let sigma = record.sigmaVoxels {
      facts.append("sigma \(Self.triple(sigma.array)) voxels\(record.form.map { ", \($0.rawValue)" } ?? "")")
    }
    if let requested = record.requestedFWHM {
      facts.append(
        "FWHM \(Self.triple(requested.array)) mm requested, \(Self.triple(record.realisedFWHM.array)) mm realised")
    }
    if let width = record.requestedWidth { facts.append("width \(Self.triple(width.array)) mm requested") }
    if record.requestedFWHM == nil, record.requestedWidth == nil {
      facts.append(
        "rank \(record.rank)\(record.isInteger ? ", integer factors" : ""), error at most "
          + "\(Wording.scientific(record.bound)) × the largest |voxel|")
    }
    if let answers = answers(record) { facts.append(answers) }
    let rounding = Wording.scientific(record.roundingBound(unit: double ? 0x1p-53 : 0x1p-24))
    facts.append("rounding at most \(rounding) × the largest |voxel|")
    return facts
  }

  /// Of all but means, whose widths say what they do.
  private func answers(_ record: KernelRecord) -> String? {
    let along = Axis.allCases.compactMap { axis in record.answers[axis].map { (axis, $0) } }
    let isMean = record.requestedWidth != nil || record.requestedFWHM != nil
    guard along.contains(where: { !isMean || ($1.constant - 1).magnitude > 1e-6 }) else { return nil }
    let texts = along.map { axis, answers in
      let values = [answers.constant, answers.ramp, answers.square].map { $0.significant(4) }
      return "\(axis.name) \(values.joined(separator: ", "))"
    }
    return "answers to 1, x and x² along " + texts.joined(separator: "; ")
  }

  private static func triple(_ values: [Double?]) -> String {
    let texts = values.map { $0.map { Wording.shortest($0) } ?? "–" }
    return Set(texts).count == 1 ? texts[0] : texts.joined(separator: " × ")
  }
}
