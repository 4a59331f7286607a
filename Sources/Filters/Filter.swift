import Filtering
import StrictJSON
import Volumes

/// One filter of the job file: its keys, and what they come to on a given grid.
///
/// A new filter is a type in a file of its own and one more line in `FilterCatalogue.all`.
package protocol Filter: Sendable {
  /// The value of `"filter"` in the job file.
  static var name: String { get }
  /// What it does, in one sentence for the reference page and for editors.
  static var summary: String { get }
  static var form: Form { get }

  /// `nil` after everything wrong has been reported to the object's issues.
  init?(_ object: ObjectReader)

  /// From an element of `filters`; only a filter that reads more than its own element has to say how.
  static func read(
    _ node: JSONNode, at path: JSONPath, _ issues: JSONIssues, _ surroundings: FilterSurroundings
  ) -> Self?

  /// A valid element with its defaults filled in.
  static func restate(_ node: JSONNode, _ discretion: Discretion) -> JSONOutput

  /// The scans that it reads beside the input.
  var scansBeside: [ScanBeside] { get }

  /// Why the filter cannot leave voxels out of its sums, as `policy.nonfinite: "ignore"` asks; `nil` when it can.
  var objectionToAbsentVoxels: String? { get }

  /// The name of an output, when the filter publishes what comes to it.
  var savesAs: String? { get }

  /// Whether a width is given in mm, so that the scan must know its voxel size.
  var needsSpacing: Bool { get }

  /// Resolves millimetres and names: voxels and weights, ready to run. Costs nothing that grows with the voxels, except
  /// for the masks that it loads.
  func plan(for grid: FilterGrid) throws(ScanFailure) -> FilterPlan
}

extension Filter {
  package static func read(
    _ node: JSONNode, at path: JSONPath, _ issues: JSONIssues, _ surroundings: FilterSurroundings
  ) -> Self? {
    ObjectReader(node, at: path, form: form, issues).flatMap { Self($0) }
  }

  package static func restate(_ node: JSONNode, _ discretion: Discretion) -> JSONOutput {
    form.restate(node, discretion)
  }

  package var scansBeside: [ScanBeside] { [] }

  package var objectionToAbsentVoxels: String? { nil }

  package var savesAs: String? { nil }

  package var needsSpacing: Bool { false }

  /// The key that every element begins with.
  static var nameKey: KeyDeclaration {
    Key("filter", .constant(name), .required, "The filter's name.").declaration
  }
}

/// What a filter has to know about the frames that come to it.
package struct FilterGrid: Sendable {
  /// Of the frames that come to the filter.
  package let layout: Layout
  /// Loads a mask by the name that the job gives it, and checks that its grid is that of the scan.
  package let loadMask: @Sendable (String) throws(ScanFailure) -> Mask

  package init(layout: Layout, loadMask: @escaping @Sendable (String) throws(ScanFailure) -> Mask) {
    self.layout = layout
    self.loadMask = loadMask
  }

  package var shape: Shape { layout.shape }
  package var spacing: Spacing { layout.spacing }
  var dimensions: Int { layout.dimensions }
  var axes: Set<Axis> { layout.axes }
}

/// A filter, resolved for a grid.
package struct FilterPlan: Sendable {
  /// Nil for a filter that leaves the voxels alone.
  package let operation: (any Operation)?
  /// For the plan and the log; filters that look at one voxel at a time have no kernel.
  package let record: KernelRecord?
  package let findings: [Finding]

  init(_ operation: (any Operation)?, record: KernelRecord? = nil, findings: [Finding] = []) {
    self.operation = operation
    self.record = record
    self.findings = findings
  }
}

/// A scan that a filter reads beside the input: a mask, an operand, a reference.
package struct ScanBeside: Hashable, Sendable {
  /// The key of the filter's element that names it.
  package let key: String
  /// As the job names it, with its placeholders.
  package let file: String
  package let role: Companion.Role

  /// Whether each scan of the job has its own.
  package var isPattern: Bool { ((try? NamePattern(file))?.hasPlaceholders) ?? false }

  /// Whether its voxels or its grid are needed to plan the filter, so that its place matters then.
  package var isPlanned: Bool { role == .reference || role == .mask && !isPattern }

  package var companion: Companion { Companion(key: key, file: file, role: role) }
}

extension FilterGrid {
  /// The mask of the whole job, whose every byte has a voxel of the scan; or that of each scan.
  func mask(_ scan: ScanBeside) throws(ScanFailure) -> MaskSource {
    scan.isPattern ? .perScan(scan.companion) : .loaded(try loadFittingMask(scan.file))
  }
}
