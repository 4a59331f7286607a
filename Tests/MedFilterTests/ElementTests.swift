import Foundation
import MedFilter
import Testing

/// Every filter of a job has a typed element that says the same.
@Suite struct ElementTests {
  private func volume() throws -> Volume {
    try Volume((0..<120).map { Float($0 * 41 % 23) }, on: Volume.Grid([6, 5, 4], spacing: [1, 1.5, 2]))
  }

  private static let options = FilterElement.LinearOptions(boundary: .constant(4), axes: [.i, .k])

  static let pairs: [(FilterElement, String)] = [
    (
      .gaussian(.fwhmMillimetres(.init(3, 0, 5)), options: .init(boundary: .wrap)),
      #"{"filter": "gaussian", "fwhm_mm": [3, 0, 5], "boundary": "wrap"}"#
    ),
    (.gaussian(.sigmaMillimetres(2)), #"{"filter": "gaussian", "sigma_mm": 2}"#),
    (
      .gaussian(.sigmaVoxels(1.2), orders: .init(1, 0, 2), truncate: 3, form: .integrated),
      #"{"filter": "gaussian", "sigma_vox": 1.2, "order": [1, 0, 2], "truncate": 3, "form": "integrated"}"#
    ),
    (
      .gaussian(.sigmaVoxels(.init(1, 1, 2)), orders: .init(all: 1), form: .bessel),
      #"{"filter": "gaussian", "sigma_vox": [1, 1, 2], "order": 1, "form": "bessel"}"#
    ),
    (.box(.voxels(.init(3, 1, 2))), #"{"filter": "box", "size_vox": [3, 1, 2]}"#),
    (.box(.millimetres(4)), #"{"filter": "box", "width_mm": 4}"#),
    (
      .box(.millimetres(.init(3, 4, 5)), options: options),
      #"{"filter": "box", "width_mm": [3, 4, 5], "boundary": "constant", "value": 4, "axes": ["i", "k"]}"#
    ),
    (.kernel(.line([1, 2, 1])), #"{"filter": "kernel", "weights": [1, 2, 1]}"#),
    (
      .kernel(
        .plane([[1, 2, 4], [0, 1, 0]]), mode: .convolve, normalise: .absoluteSum, originVoxels: .init(1, 0, 0),
        tolerance: 0, method: .dense, options: options),
      #"{"filter": "kernel", "weights": [[1, 2, 4], [0, 1, 0]], "mode": "convolve", "normalise": "abs_sum","#
        + #" "origin_vox": [1, 0, 0], "tolerance": 0, "method": "dense", "boundary": "constant", "value": 4,"#
        + #" "axes": ["i", "k"]}"#
    ),
    (
      .kernel(.block([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]), mode: .correlate, normalise: .sum),
      #"{"filter": "kernel", "weights": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], "mode": "correlate", "normalise": "sum"}"#
    ),
    (.scale(slope: 2, intercept: -1), #"{"filter": "scale", "slope": 2, "intercept": -1}"#),
    (.clamp(lower: 3), #"{"filter": "clamp", "lower": 3}"#),
    (.threshold(upper: 9, outside: 1), #"{"filter": "threshold", "upper": 9, "outside": 1}"#),
    (.median(.voxels(3)), #"{"filter": "median", "size_vox": 3}"#),
    (.minimum(.radiusMillimetres(2)), #"{"filter": "minimum", "radius_mm": 2}"#),
    (
      .maximum(.voxels(.init(3, 1, 2)), boundary: .mirror),
      #"{"filter": "maximum", "size_vox": [3, 1, 2], "boundary": "mirror"}"#
    ),
    (.percentile(30, .voxels(3)), #"{"filter": "percentile", "percent": 30, "size_vox": 3}"#),
    (.add(.number(2)), #"{"filter": "add", "value": 2}"#),
    (.subtract(.number(2)), #"{"filter": "subtract", "value": 2}"#),
    (.multiply(.number(2)), #"{"filter": "multiply", "value": 2}"#),
    (.divide(.number(2)), #"{"filter": "divide", "value": 2}"#),
    (.otsu(bins: 64), #"{"filter": "otsu", "bins": 64}"#),
    (
      .reduce(along: .k, .percentile(20)),
      #"{"filter": "reduce", "axis": "k", "statistic": "percentile", "percent": 20}"#
    ),
    (.reduce(along: .i, .mean), #"{"filter": "reduce", "axis": "i", "statistic": "mean"}"#),
    (.crop(fromVoxel: .init(1, 0, 2)), #"{"filter": "crop", "from_vox": [1, 0, 2]}"#),
  ]

  @Test(arguments: pairs.indices) func `typed elements and a job's JSON say the same`(index: Int) throws {
    let (element, json) = Self.pairs[index]
    let volume = try volume()
    let values = try FilterChain([element]).apply(to: volume).floats()
    #expect(try FilterChain(json: "[\(json)]").apply(to: volume).floats() == values && values != volume.floats())
  }

  @Test func `there is an element for every filter of a job`() throws {
    let error = try #require(throws: MedFilterError.self) { try FilterChain(json: #"[{"filter": "?"}]"#) }
    // The sentence names all filters that there are: expected "gaussian", "box", … or "mask".
    let names = error.description.prefix { $0 != "?" }.matches(of: /"([a-z_]+)"/).map { String($0.1) }
    let covered = Self.pairs.map(\.0) + [.mask("m.nii")]
    // A volume has no output to save.
    for name in names where name != "save" {
      #expect(covered.contains { "\($0)".contains("\"filter\":\"\(name)\"") }, "\(name)")
    }
    #expect(names.contains("gaussian") && names.contains("mask"))
  }

  @Test func `a kernel's weights can lie in a file, JSON or a scan`() throws {
    let archive = try Archive()
    try Data(#"{"weights": [[[1, 2, 5]]]}"#.utf8).write(to: archive.url("k.json"))
    try archive.writeScan([1, 2, 5], to: "k.nii")
    let volume = try volume()
    let values = try ["k.json", "k.nii"].map { name in
      try FilterChain([.kernel(.file(archive.place(name)), mode: .convolve)]).apply(to: volume).floats()
    }
    #expect(values[0] == values[1] && values[0] != volume.floats())
  }

  @Test func `a mask may be a file, or a volume in memory`() throws {
    let archive = try Archive()
    let volume = try volume()
    let mask = try Volume((0..<120).map { Float($0 % 3) }, on: Volume.Grid([6, 5, 4], spacing: [1, 1.5, 2]))
    try mask.write(to: archive.place("brain.nii"))
    func elements(_ name: String) -> [FilterElement] {
      [
        .box(.voxels(3), options: .init(mask: .init(name, outside: .zero, minimumWeight: 0.1))), .mask(name),
      ]
    }
    let fromFile = try FilterChain(elements(archive.place("brain.nii"))).apply(to: volume).floats()
    let inMemory = try FilterChain(elements("brain"), masks: ["brain": mask]).apply(to: volume).floats()
    #expect(fromFile == inMemory && zip(inMemory, mask.floats()).allSatisfy { $1 > 0 || $0 == 0 })
    let elsewhere = try Volume((0..<120).map { Float($0 % 3) }, on: Volume.Grid([6, 5, 4], spacing: [1, 1.5, 3]))
    let error = try #require(throws: MedFilterError.self) {
      try FilterChain(elements("brain"), masks: ["brain": elsewhere]).apply(to: volume)
    }
    #expect(error.code == "E_GRID_MISMATCH", "\(error)")
    let series = try Volume([Float](repeating: 1, count: 240), on: Volume.Grid([6, 5, 4, 2]))
    let frames = try #require(throws: MedFilterError.self) {
      try FilterChain(elements("brain"), masks: ["brain": series])
    }
    expect(frames, "E_VOLUME", "masks: brain: expected one volume, found 2")
  }

  // MARK: - Errors

  @Test func `an error has a code and the path of each key that is wrong`() throws {
    let error = try #require(throws: MedFilterError.self) {
      try FilterChain([.gaussian(sigmaVoxels: -1), .mask("none.nii"), .clamp(lower: 3, upper: 1)])
    }
    #expect(error.code == "E_JOB" && error.path == "filters[0].sigma_vox")
    #expect(error.problems.map(\.path) == ["filters[0].sigma_vox", "filters[1].file", "filters[2].upper"])
    #expect(error.problems[1].description == #"filters[1].file: cannot open "none.nii": no such file"#)
    for json in ["{}", "[", "[1]"] {
      let error = try #require(throws: MedFilterError.self) { try FilterChain(json: json) }
      #expect(error.code == "E_JOB" && error.path?.hasPrefix("filters") == true, "\(error)")
    }
  }

  // MARK: - Progress and cancellation

  private func series() throws -> Volume {
    try Volume([Float](repeating: 1, count: 480), on: Volume.Grid([6, 5, 4, 4]))
  }

  @Test func `progress tells every frame, and can end the work`() throws {
    let chain = try FilterChain([.box(sizeVoxels: 3)])
    var told: [FilterChain.Progress] = []
    _ = try chain.apply(to: series()) { step in
      told.append(step)
      return .goOn
    }
    #expect(told.map(\.framesDone) == [0, 1, 2, 3, 4] && told.allSatisfy { $0.frames == 4 })
    told = []
    let error = try #require(throws: MedFilterError.self) {
      try chain.apply(to: series()) { step in
        told.append(step)
        return step.framesDone == 2 ? .cancel : .goOn
      }
    }
    #expect(error.code == "E_CANCELLED" && told.count == 3)
  }

  @Test func `a canceller ends the work in the middle of a frame`() throws {
    let volume = try Volume([Float](repeating: 1, count: 160 * 160 * 160), on: Volume.Grid([160, 160, 160]))
    // Seconds of work.
    var weights: [[[Double]]] = []
    for k in 0..<13 {
      weights.append((0..<13).map { j in [Double](repeating: Double((j * 5 + k * k) % 7 + 1), count: 13) })
      weights[k][k][5] += 3
    }
    let chain = try FilterChain([.kernel(.block(weights), mode: .correlate, normalise: .sum, method: .dense)])
    let canceller = Canceller()
    let began = ContinuousClock.now
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.02)
      canceller.cancel()
    }
    let error = try #require(throws: MedFilterError.self) {
      try chain.apply(to: volume, threads: 1, canceller: canceller)
    }
    #expect(error.code == "E_CANCELLED" && canceller.isCancelled)
    #expect(began.duration(to: .now) < .seconds(5))
  }

  // MARK: - Jobs

  private func job(_ folder: String) -> String {
    """
    {"medfilter": 1, "name": "text", "input": {"root": "in"}, "filters": [{"filter": "box", "size_vox": 3}],
     "output": {"root": "\(folder)", "format": "nii"}}
    """
  }

  @Test func `a job comes from text as from a file`() throws {
    let archive = try Archive()
    try archive.writeScan([1, 2, 6, 4], to: "in/a.nii")
    let job = try Job(json: job("out"), relativeTo: archive.place(""))
    #expect(try job.scans == ["a.nii"] && job.run().done == 1 && archive.outputs == ["a.nii"])
  }

  @Test func `what is wrong with a job is told with code and path`() throws {
    let archive = try Archive()
    let wrong = try #require(throws: MedFilterError.self) {
      try Job(json: job("out").replacing("size_vox", with: "size_vx"), relativeTo: archive.place(""))
    }
    #expect(wrong.code == "E_JOB" && wrong.path == "filters[0].size_vx", "\(wrong.problems)")
    #expect(wrong.description.hasPrefix("job: filters[0].size_vx: unknown key"))
    let empty = try #require(throws: MedFilterError.self) { try Job(json: job("out"), relativeTo: archive.place("")) }
    #expect(empty.code == "E_NO_INPUT" && empty.path == nil)
    let cancelled = Canceller()
    cancelled.cancel()
    try archive.writeScan([1], to: "in/a.nii")
    let stopped = try #require(throws: MedFilterError.self) {
      try Job(json: job("out"), relativeTo: archive.place(""), canceller: cancelled)
    }
    #expect(stopped.code == "E_CANCELLED")
  }

  @Test func `a canceller stops a run from outside`() throws {
    let archive = try Archive()
    for name in ["a", "b", "c"] { try archive.writeScan([1, 2, 3, 4], to: "in/\(name).nii") }
    let job = try Job(json: job("out"), relativeTo: archive.place(""))
    let canceller = Canceller()
    canceller.cancel()
    let summary = try job.run(canceller: canceller)
    #expect(summary.done == 0 && !summary.isComplete && archive.outputs.isEmpty)
  }
}
