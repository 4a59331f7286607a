import Jobs

extension RunTimings {
  /// The timings for people: one line per stage, and the roofline of the filters.
  var text: String {
    let lines = Stage.allCases.map { stage in
      [stage.rawValue, Wording.decimals(stages.seconds[stage] ?? 0, 3) + " s", percent(share(of: stage))]
        + remarks(stage)
    }
    return Table.columns([["stage", "waited for", "of the run"]] + lines) + "\n"
  }

  private func remarks(_ stage: Stage) -> [String] {
    guard stage == .filter, let roofline, let share = rooflineShare else { return [] }
    let speed = Wording.decimals(2 * roofline.machine.multipliesPerSecond / 1e9, 0) + " GFLOP/s"
    let traffic = Wording.decimals(roofline.machine.bytesPerSecond / 1e9, 1) + " GB/s"
    return ["\(percent(share)) of the roofline: \(Wording.decimals(roofline.seconds, 4)) s at \(speed) and \(traffic)"]
  }

  private func percent(_ share: Double) -> String { Wording.decimals(100 * share, 0) + " %" }
}
