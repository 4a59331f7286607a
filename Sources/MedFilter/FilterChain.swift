import Filtering
import Filters
import Jobs
import Parallel
import StrictJSON
import Volumes

/// Filters to apply to a volume, in order; the same filters, keys and defaults as in a job file.
public struct FilterChain: Sendable {
  private let filters: [any Filter]

  /// - Throws: when a filter's values are out of range or do not go together; every error is in the description.
  public init(_ elements: [FilterElement]) throws(MedFilterError) {
    try self.init(json: JSONOutput.array(elements.map(\.json)).encoded())
  }

  /// - Parameter json: the array that a job file has under `filters`.
  public init(json: String) throws(MedFilterError) {
    let issues = JSONIssues()
    let filters = try translated {
      let kind = FilterCatalogue.kind(
        in: FilterSurroundings { path throws(UnreadableFile) in try KernelContent.read(path) })
      return try JSONReader.parse(Array(json.utf8)).array?.enumerated().compactMap { index, node in
        kind.read(node, .root.appending(index), issues)
      }
    }
    guard issues.all.isEmpty, let filters else {
      let sentences = issues.all.map(\.description)
      throw MedFilterError(sentences.isEmpty ? "filters: expected an array" : sentences.joined(separator: "\n"))
    }
    self.filters = filters
  }

  /// Filters every frame.
  ///
  /// - Parameters:
  ///   - threads: 0 means as many as this process may use; results do not depend on it.
  ///   - absentNonFinite: NaN and infinite voxels count as absent instead of spreading over the kernel.
  public func apply(
    to volume: Volume, threads: Int = 0, absentNonFinite: Bool = false
  ) throws(MedFilterError) -> Volume {
    try translated {
      let threads = HostLimits.current().asked(threads: threads, memory: 0).threads
      let engine = Engine(
        workers: Workers(count: threads), instructionSet: try InstructionSet.chosen(), cancellation: Cancellation())
      let chain = try resolved(for: volume)
      let frames: Volume.Frames =
        switch volume.frames {
        case .float(let frames) where chain.needsDouble(absentNonFinite: absentNonFinite):
          .float(try applyInDouble(chain, to: frames, engine, absentNonFinite))
        case .float(let frames): .float(try apply(chain, to: frames, engine, absentNonFinite))
        case .double(let frames): .double(try apply(chain, to: frames, engine, absentNonFinite))
        }
      return Volume(header: volume.header, frames: frames, findings: volume.findings)
    }
  }

  private func apply<Scalar: ComputeScalar>(
    _ chain: Chain, to frames: [Frame<Scalar>], _ engine: Engine, _ absentNonFinite: Bool
  ) throws -> [Frame<Scalar>] {
    guard let first = frames.first else { return [] }
    let prepared = try engine.prepare(
      chain, for: Scalar.self, shape: first.shape, absentNonFinite: absentNonFinite)
    return try frames.map { frame in
      let copy = try Frame<Scalar>(shape: frame.shape)
      copy.bytes.copyMemory(from: UnsafeRawBufferPointer(frame.bytes))
      return try prepared.apply(to: copy)
    }
  }

  private func applyInDouble(
    _ chain: Chain, to frames: [Frame<Float>], _ engine: Engine, _ absentNonFinite: Bool
  ) throws -> [Frame<Float>] {
    let wide = try frames.map { try converted($0, to: Double.self) }
    return try apply(chain, to: wide, engine, absentNonFinite).map { try converted($0, to: Float.self) }
  }

  private func converted<From: ComputeScalar, To: ComputeScalar>(
    _ frame: Frame<From>, to scalar: To.Type
  ) throws -> Frame<To> {
    let other = try Frame<To>(shape: frame.shape)
    for (index, voxel) in frame.voxels.enumerated() { other.voxels[index] = To(voxel) }
    return other
  }

  private func resolved(for volume: Volume) throws -> Chain {
    if filters.contains(where: \.needsSpacing) { try volume.header.requireSpacing() }
    let key = GridKey(ScanFacts(volume.header), withAffine: true)
    let masks = MaskLoader(folder: ".")
    let grid = FilterGrid(shape: key.shape, spacing: key.spacing, dimensions: key.dimensions) {
      (file) throws(ScanFailure) in try masks.mask(file, for: key)
    }
    return Chain(steps: try filters.flatMap { try $0.plan(for: grid).steps })
  }
}
