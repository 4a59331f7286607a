import Kernels
import Volumes

// Why a filter that the job describes well cannot be planned on a certain scan.

extension ScanFailure {
  init(_ failure: KernelFailure, along axis: Axis) {
    self.init(
      .kernelUnfit, .plan, "\(failure.what) along \(axis.name)", expected: failure.expected, found: failure.found,
      advice: "voxel size and width do not go together")
  }

  static func noAxis(of filter: String, _ grid: FilterGrid) -> ScanFailure {
    ScanFailure(
      .kernelUnfit, .plan, "\(filter) axes", expected: "one of the axes of the scan",
      found: "a scan of \(grid.dimensions) spatial axes, none of which is filtered")
  }
}
