import Filtering
import Kernels
import StrictJSON
import Volumes

/// Correlation or convolution with weights of one's own.
package struct KernelFilter: Filter {
  package static let name = "kernel"
  package static let summary = "Correlates or convolves with given weights, as 1-D passes where the weights allow it."

  package enum Mode: String, CaseIterable, Sendable { case convolve, correlate }
  package enum Normalisation: String, CaseIterable, Sendable {
    case none
    case sum
    case absoluteSum = "abs_sum"
  }
  package enum Method: String, CaseIterable, Sendable { case auto, separable, dense }

  /// As the job writes it, before `convolve` turns it round.
  package let kernel: PlacedKernel
  package let mode: Mode
  let options: LinearOptions

  package init?(_ object: ObjectReader) { self.init(object, requiresMode: true) { false } }

  /// - Parameters:
  ///   - requiresMode: Whether asymmetric weights must come with a mode. They need none to be looked at.
  ///   - isStopped: Asked while the weights are taken apart. `nil` without a report once it is true.
  init?(_ object: ObjectReader, requiresMode: Bool, isStopped: () -> Bool) {
    let options = LinearOptions(object)
    let mode = object.read(Self.modeKey)
    guard let asked = KernelRequest(object), object.isSound, let options else { return nil }
    if requiresMode, mode == nil, !object.isPresent("mode"), !asked.isSymmetric {
      object.report(
        "missing; expected \"convolve\" or \"correlate\", because the weights are not symmetric", at: "mode")
    }
    guard let kernel = asked.place(axes: options.axes, object, isStopped: isStopped) else { return nil }
    options.reportDivisions(kernel.objectionToDivision, to: object)
    guard object.isSound else { return nil }
    self.kernel = kernel
    self.mode = mode ?? .correlate
    self.options = options
  }
}

// MARK: - Planning

extension KernelFilter {
  package var scansBeside: [ScanBeside] { options.scansBeside }

  package var objectionToAbsentVoxels: String? { kernel.objectionToDivision }

  package func plan(for grid: FilterGrid) throws(ScanFailure) -> FilterPlan {
    let turned = mode == .convolve ? kernel.flipped() : kernel
    let operation = try options.operation(Self.name, turned.linearKernel, facts: turned.facts, on: grid)
    return FilterPlan(
      operation, record: KernelRecord(filter: Self.name, kernel: turned, spacing: grid.spacing),
      findings: turned.findings + options.findings)
  }
}

// MARK: - Keys

extension KernelFilter {
  package static let form = Form(
    keys: [
      nameKey, KernelRequest.weightsKey.declaration, fileKey.declaration, modeKey.declaration,
    ] + KernelRequest.keys + LinearOptions.keys,
    rules: [.exactlyOne(["weights", "file"])] + LinearOptions.rules)

  static let fileKey = Key<String>(
    "file", .path("the path of a JSON file or of a scan"), .optional,
    "A JSON file that holds an element like this one; keys that stand in the job win over those in the file. Or a scan "
      + "of one volume, whose voxels are the weights.")
  static let modeKey = Key<Mode>(
    "mode", .choice, .optional,
    "`convolve` turns the weights round, `correlate` does not; required when that makes a difference.")
}
