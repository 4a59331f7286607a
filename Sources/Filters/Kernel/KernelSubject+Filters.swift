import Filtering
import Kernels
import Volumes

extension KernelSubject {
  /// The kernel of a job's filter, as the job writes it: before `convolve` turns it round.
  ///
  /// - Parameter name: How sentences call the filter: `filters[1]`.
  package init(_ filter: any Filter, name: String, spacing: Spacing?) throws(KernelProblem) {
    if let kernel = (filter as? KernelFilter)?.kernel {
      self.init(kernel, name: KernelFilter.name, spacing: spacing)
      return
    }
    guard spacing != nil || !filter.needsSpacing else {
      throw KernelProblem(
        "--spacing: missing; expected three lengths in mm, as in --spacing 1,1,2.5, because \(name) has a width in mm")
    }
    let plan = try Self.plan(filter, name: name, spacing: spacing ?? Spacing(all: 1))
    guard let plan, let record = plan.record else {
      throw KernelProblem("\(name): expected a filter with a kernel, found one that looks at single voxels")
    }
    self.init(AnalyticKernel(record.filter, terms: record.terms), spacing: spacing)
    requestedFWHM = spacing == nil ? nil : record.requestedFWHM
    // On voxels of 1 mm, what is said of mm holds for voxels.
    findings = plan.findings.map {
      spacing == nil ? Finding($0.code, $0.detail.replacing(" mm", with: " voxels")) : $0
    }
  }

  /// On a scan of one voxel: neither shape nor mask changes a kernel.
  private static func plan(
    _ filter: any Filter, name: String, spacing: Spacing
  ) throws(KernelProblem) -> FilterPlan? {
    guard let single = Shape(i: 1) else { return nil }
    let grid = FilterGrid(layout: Layout(shape: single, spacing: spacing)) { _ throws(ScanFailure) in
      Mask(shape: single, inside: [1])
    }
    do throws(ScanFailure) {
      return try filter.plan(for: grid)
    } catch {
      throw KernelProblem("\(name): \(error.subject): expected \(error.expected), found \(error.found)")
    }
  }
}

extension KernelSubject {
  /// The voxels of a scan as weights; the one at size / 2 meets the output voxel.
  ///
  /// - Parameter check: Asked several times a second while the kernel is taken apart.
  package init<Stop: Error>(
    voxels: [Double], shape: Shape, spacing: Spacing, check: StopCheck<Stop>
  ) throws(Stop) {
    let dense = DenseKernel(shape: shape, weights: voxels, origin: shape.lengths.map { $0 / 2 })
    let kernel = try PlacedKernel(dense, PlacedKernel.Request(), check: check)
    self.init(kernel, name: "weights of a scan", spacing: spacing)
  }
}
