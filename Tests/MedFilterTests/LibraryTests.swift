import Foundation
import MedFilter
import Synchronization
import Testing

/// What an error must say: its code, the first key that is wrong, and a part of its sentence.
func expect(
  _ error: MedFilterError, _ code: String?, path: String? = nil, _ part: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(
    error.code == code && error.path == path && error.description.contains(part), "\(error)",
    sourceLocation: sourceLocation)
}

/// The library as other programs see it: only what is public.
@Suite struct LibraryTests {
  @Test func `a scan is opened, filtered and written`() throws {
    let archive = try Archive()
    try archive.writeScan([1, 1, 1, 10, 1, 1, 1], to: "a.nii")
    let volume = try Volume(contentsOf: archive.place("a.nii"))
    #expect(volume.dimensions == [7, 1, 1] && volume.frameCount == 1 && volume.spacing == [2, 2, 2])
    #expect(volume.affine.map { $0.map(abs) } == [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0]])
    #expect(volume[3, 0, 0] == 10)

    let smooth = try FilterChain([.box(sizeVoxels: 3)]).apply(to: volume, threads: 2)
    #expect(smooth.values() == [1, 1, 4, 4, 4, 1, 1])
    #expect(volume.values() == [1, 1, 1, 10, 1, 1, 1], "the volume that was filtered has changed")

    #expect(try smooth.write(to: archive.place("b.nii.gz")) == 0)
    #expect(try Volume(contentsOf: archive.place("b.nii.gz")).values() == smooth.values())
  }

  @Test func `filters of a chain are applied in order`() throws {
    let archive = try Archive()
    try archive.writeScan([1, 2, 3], to: "a.nii")
    let volume = try Volume(contentsOf: archive.place("a.nii"))
    let chain = try FilterChain([.scale(slope: 2, intercept: 1), .clamp(upper: 6), .threshold(lower: 4, outside: -1)])
    #expect(try chain.apply(to: volume).values() == [-1, 5, 6])
  }

  @Test func `a chain's elements and a job's JSON say the same`() throws {
    let archive = try Archive()
    try archive.writeScan([0, 5, 1, 7, 2, 9], to: "a.nii")
    let volume = try Volume(contentsOf: archive.place("a.nii"))
    let pairs: [(FilterElement, String)] = [
      (
        .gaussian(fwhmMillimetres: 5, boundary: .nearest),
        #"{"filter": "gaussian", "fwhm_mm": 5, "boundary": "nearest"}"#
      ),
      (.gaussian(sigmaVoxels: 1, order: 1), #"{"filter": "gaussian", "sigma_vox": 1, "order": 1}"#),
      (
        .gaussian(sigmaVoxels: 0.4, truncate: 6, form: .bspline),
        #"{"filter": "gaussian", "sigma_vox": 0.4, "truncate": 6, "form": "bspline"}"#
      ),
      (
        .box(sizeVoxels: 4, boundary: .constant(2)),
        #"{"filter": "box", "size_vox": 4, "boundary": "constant", "value": 2}"#
      ),
    ]
    for (element, json) in pairs {
      let values = try FilterChain([element]).apply(to: volume).values()
      #expect(try FilterChain(json: "[\(json)]").apply(to: volume).values() == values, "\(json)")
      #expect(values != volume.values())
    }
  }

  @Test func `threads do not change results`() throws {
    let archive = try Archive()
    try archive.writeScan((0..<100).map { Float($0 * 37 % 91) }, to: "a.nii")
    let volume = try Volume(contentsOf: archive.place("a.nii"))
    let chain = try FilterChain([.gaussian(sigmaVoxels: 1.7)])
    let expected = try chain.apply(to: volume, threads: 1).values()
    for threads in [2, 3, 8] { #expect(try chain.apply(to: volume, threads: threads).values() == expected) }
  }

  @Test func `voxels that are not finite spread, or count as absent`() throws {
    let archive = try Archive()
    try archive.writeScan([3, 3, .nan, 3, 3], to: "a.nii")
    let volume = try Volume(contentsOf: archive.place("a.nii"))
    let chain = try FilterChain([.box(sizeVoxels: 3, boundary: .nearest)])
    #expect(try chain.apply(to: volume).values().map(\.isNaN) == [false, true, true, true, false])
    #expect(try chain.apply(to: volume, absentNonFinite: true).values().allSatisfy { abs($0 - 3) < 1e-6 })
  }

  @Test func `writing clips and counts, and replaces only when told to`() throws {
    let archive = try Archive()
    try archive.writeScan([-5, 2.5, 300], to: "a.nii")
    let volume = try Volume(contentsOf: archive.place("a.nii"))
    let place = archive.place("b.nii")
    #expect(try volume.write(to: place, voxelType: .uint8) == 2)
    #expect(try Volume(contentsOf: place).values() == [0, 2, 255])
    let existing = try #require(throws: MedFilterError.self) { try volume.write(to: place, voxelType: .uint8) }
    expect(existing, nil, "cannot publish b.nii: there already is something of that name")
    #expect(try volume.write(to: place, voxelType: .int16, replacing: true) == 0)
    #expect(try Volume(contentsOf: place).values() == [-5, 2, 300])
    let foreign = try #require(throws: MedFilterError.self) { try volume.write(to: archive.place("b.mha")) }
    expect(foreign, nil, "b.mha: expected a name that ends in .nii, .nii.gz or .nii.zst")
    #expect(archive.names.sorted() == ["a.nii", "b.nii"], "something is left over")
  }

  @Test func `a damaged scan throws its class and a sentence`() throws {
    let archive = try Archive()
    try archive.writeScan([1, 2, 3], to: "a.nii", dropping: 1)
    let error = try #require(throws: MedFilterError.self) { try Volume(contentsOf: archive.place("a.nii")) }
    #expect(error.code == "E_TRUNCATED" && error.description.contains("expected"))
    let missing = try #require(throws: MedFilterError.self) { try Volume(contentsOf: archive.place("missing.nii")) }
    expect(missing, "E_IN_OPEN", "cannot open the input: no such file")
  }

  @Test func `a chain that cannot be says everything that is wrong with it`() throws {
    let error = try #require(throws: MedFilterError.self) {
      try FilterChain([.gaussian(sigmaVoxels: -1), .box(sizeVoxels: 0)])
    }
    #expect(error.description.contains("[0].sigma_vox") && error.description.contains("[1].size_vox"), "\(error)")
    expect(error, "E_JOB", path: "filters[0].sigma_vox", "filters[0].sigma_vox: expected")
    for json in ["{}", "["] {
      let error = try #require(throws: MedFilterError.self) { try FilterChain(json: json) }
      expect(error, "E_JOB", path: "filters", "filters: expected")
    }
  }
}

@Suite struct LibraryJobTests {
  private func archive() throws -> Archive {
    let archive = try Archive()
    for name in ["a", "b", "c"] { try archive.writeScan([1, 2, 3, 4], to: "in/\(name).nii") }
    try archive.writeScan([1, 2, 3, 4], to: "in/bad.nii", dropping: 1)
    try archive.writeJob()
    return archive
  }

  @Test func `a job runs, tells each step, and finds its outputs again`() throws {
    let archive = try archive()
    let job = try Job(contentsOf: archive.place("job.json"), threads: 2)
    #expect(job.scans == ["a.nii", "b.nii", "bad.nii", "c.nii"])
    let steps = Steps()
    let summary = try job.run { steps.take($0) }
    #expect(summary.done == 3 && summary.failed == 1 && summary.notStarted == 0 && summary.isComplete)
    #expect(
      summary.failures.keys.sorted() == ["bad.nii"] && summary.failures["bad.nii"]?.contains("E_TRUNCATED") == true)
    #expect(steps.all.map(\.scansDone) == [0, 1, 1, 2, 2, 3, 3, 4])
    #expect(steps.all.map(\.isFinished) == Array(repeating: [false, true], count: 4).flatMap { $0 })
    #expect(steps.all.compactMap(\.failure).count == 1)

    let again = try job.run()
    #expect(again.done == 0 && again.upToDate == 3 && again.failed == 1)
  }

  @Test func `a callback that cancels stops the job, and the next run finishes it`() throws {
    let archive = try archive()
    let job = try Job(contentsOf: archive.place("job.json"))
    let published = Mutex<[String]>([])
    let summary = try job.run { step in
      guard step.scansDone == 1, step.isFinished else { return .goOn }
      published.withLock { $0 = archive.outputs }
      return .cancel
    }
    // One of them, or two that were finished together: the third fails, and the fourth comes behind it.
    let outputs = published.withLock { $0 }
    #expect(outputs == ["a.nii"] || outputs == ["a.nii", "b.nii"])
    #expect(archive.outputs == outputs)
    #expect(summary.done == outputs.count && summary.notStarted == 4 - outputs.count && !summary.isComplete)
    #expect(try job.run().done == 3 - outputs.count)
    #expect(archive.outputs == ["a.nii", "b.nii", "c.nii"])
  }

  @Test(arguments: [1, 4]) func `nothing is published after a callback has cancelled, at whichever step`(
    threads: Int
  ) throws {
    for step in 0..<24 {
      let archive = try Archive()
      for name in 0..<12 { try archive.writeScan([1, 2, 3, Float(name)], to: "in/\(name + 10).nii") }
      try archive.writeJob()
      let seen = Mutex<(steps: Int, outputs: Int)>((0, 0))
      let summary = try Job(contentsOf: archive.place("job.json"), threads: threads).run { _ in
        seen.withLock { seen in
          seen.steps += 1
          if seen.steps - 1 == step { seen.outputs = archive.outputs.count }
          return seen.steps > step ? .cancel : .goOn
        }
      }
      let there = seen.withLock { $0.outputs }
      #expect(summary.done == there && archive.outputs.count == there, "step \(step)")
      #expect(try Job(contentsOf: archive.place("job.json")).run().upToDate == there)
    }
  }

  @Test func `cancelling at the beginning of a scan publishes nothing of it`() throws {
    let archive = try archive()
    let job = try Job(contentsOf: archive.place("job.json"))
    let summary = try job.run { _ in .cancel }
    #expect(summary.done == 0 && summary.notStarted == 4 && !summary.isComplete)
    #expect(archive.outputs == [])
  }

  @Test func `a job that cannot be says everything that is wrong with it`() throws {
    let archive = try archive()
    try Data(#"{"medfilter": 1, "name": "a b", "filters": []}"#.utf8).write(to: archive.url("job.json"))
    let error = try #require(throws: MedFilterError.self) { try Job(contentsOf: archive.place("job.json")) }
    #expect(error.code == "E_JOB" && error.path == "input", "\(error)")
    #expect(Set(error.problems.map(\.path)) == ["name", "filters", "input", "output"], "\(error)")
  }
}

/// What a progress callback was told.
private final class Steps: @unchecked Sendable {
  // The callback comes from the thread that runs the job, which is the test's own.
  private(set) var all: [Job.Progress] = []

  func take(_ step: Job.Progress) -> Job.Answer {
    all.append(step)
    return .goOn
  }
}
