import Filtering
import Filters
import Jobs
import Parallel
import StrictJSON
import Volumes

/// Filters to apply to a volume, in order; the same filters, keys and defaults as in a job file.
public struct FilterChain: Sendable {
  private let filters: [any Filter]
  private let masks: MaskLoader

  /// Masks and kernels in files are read now; relative paths start at the current folder.
  ///
  /// - Parameter masks: Masks in memory, by the names that elements use; voxels above 0 are inside. They take precedence over
  ///   files.
  /// - Throws: `E_JOB` when a filter's values are out of range or inconsistent, or a file cannot be used; every
  ///   error is in `problems`, with paths such as `filters[1].sigma_vox`.
  public init(_ elements: [FilterElement], masks: [String: Volume] = [:]) throws(MedFilterError) {
    try self.init(json: JSONOutput.array(elements.map(\.json)).encoded(), masks: masks)
  }

  /// - Parameter json: the array that a job file has under `filters`.
  public init(json: String, masks: [String: Volume] = [:]) throws(MedFilterError) {
    let files = FilesBesideJob(folder: ".")
    for (name, volume) in masks {
      guard volume.frameCount == 1 else {
        throw MedFilterError("masks: \(name): expected one volume, found \(volume.frameCount)", code: "E_VOLUME")
      }
      files.masks.provide(name, volume.mask, dims: volume.dimensions, affine: volume.header.affine)
    }
    self.masks = files.masks
    filters = try Self.filters(json, files.surroundings(Cancellation()))
    guard !filters.contains(where: { $0.savesAs != nil }) else {
      throw MedFilterError("filters: save publishes an output of a job, and a volume has none", code: "E_JOB")
    }
  }

  private static func filters(
    _ json: String, _ surroundings: FilterSurroundings
  ) throws(MedFilterError) -> [any Filter] {
    let nodes: [JSONNode]?
    do throws(JSONSyntaxError) {
      nodes = try JSONReader.parse(Array(json.utf8)).array
    } catch {
      throw MedFilterError([MedFilterError.KeyProblem(path: "filters", description: "filters: \(error)")])
    }
    guard let nodes else {
      throw MedFilterError([MedFilterError.KeyProblem(path: "filters", description: "filters: expected an array")])
    }
    let issues = JSONIssues()
    let kind = FilterCatalogue.kind(in: surroundings)
    let filters = nodes.enumerated().compactMap { index, node in
      kind.read(node, .root.appending("filters").appending(index), issues)
    }
    guard issues.all.isEmpty else {
      throw MedFilterError(
        issues.all.map { issue in
          let path = issue.path.description
          return MedFilterError.KeyProblem(path: path, description: "\(path): \(issue.problem)")
        })
    }
    return filters
  }

  /// The progress of `apply`.
  public struct Progress: Sendable, Equatable {
    /// Frames that have been filtered.
    public let framesDone: Int
    /// All frames of the volume.
    public let frames: Int
  }

  /// Filters every frame.
  ///
  /// - Parameters:
  ///   - threads: 0 means as many as this process may use; results do not depend on it.
  ///   - absentNonFinite: NaN and infinite voxels count as absent instead of spreading over the kernel.
  ///   - canceller: Stops the work from another thread, also in the middle of a frame.
  ///   - progress: Called from the calling thread before the first and after each frame; `.cancel` ends the work.
  /// - Throws: why the filters cannot be applied to the volume, `E_LIMIT_MEM`, `E_CANCELLED`.
  public func apply(
    to volume: Volume, threads: Int = 0, absentNonFinite: Bool = false, canceller: Canceller = Canceller(),
    progress: (Progress) -> Job.Answer = { _ in .goOn }
  ) throws(MedFilterError) -> Volume {
    try translated {
      let threads = HostLimits.current().asked(threads: threads, memory: 0).threads
      let engine = Engine(
        workers: Workers(count: threads), instructionSet: try InstructionSet.chosen(),
        cancellation: canceller.cancellation, absentNonFinite: absentNonFinite)
      let chain = try resolved(for: volume)
      let work = try FramesInMemory(chain, volume.layout, engine, beside: filters.flatMap(\.scansBeside))
      func tell(_ done: Int, _ frames: Int) throws(Cancelled) {
        let answer = progress(Progress(framesDone: done, frames: frames))
        if answer == .cancel { canceller.cancel() }
        try engine.cancellation.check()
      }
      let inDouble = chain.needsDouble(in: engine)
      let frames: Volume.Frames =
        switch volume.frames {
        case .float(let frames) where inDouble: .float(try work.apply(to: frames, in: Double.self, tell))
        case .float(let frames): .float(try work.apply(to: frames, in: Float.self, tell))
        case .double(let frames): .double(try work.apply(to: frames, in: Double.self, tell))
        }
      let header = try work.output.change(from: volume.layout).map { try volume.header.on($0) } ?? volume.header
      return Volume(header: header, frames: frames, findings: volume.findings)
    }
  }

  private func resolved(for volume: Volume) throws -> Chain {
    if filters.contains(where: \.needsSpacing) { try volume.header.requireSpacing() }
    let masks = self.masks
    var (chain, layout) = (Chain([]), volume.layout)
    for filter in filters {
      let grid = FilterGrid(layout: layout) { [layout] (file) throws(ScanFailure) in
        try masks.mask(file, for: layout)
      }
      guard let operation = try filter.plan(for: grid).operation else { continue }
      chain.operations.append(operation)
      layout = try operation.output(for: layout)
    }
    return chain
  }
}

extension Volume {
  fileprivate var layout: Layout { Layout(ScanFacts(header)) }

  /// The first frame as a mask: voxels above 0 are inside, NaN is not.
  fileprivate var mask: Mask {
    let inside: [UInt8] =
      switch frames {
      case .float(let frames): frames[0].voxels.map { $0 > 0 ? 1 : 0 }
      case .double(let frames): frames[0].voxels.map { $0 > 0 ? 1 : 0 }
      }
    return Mask(shape: header.shape, inside: inside)
  }
}
