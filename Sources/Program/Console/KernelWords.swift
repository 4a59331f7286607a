import Filters
import Kernels
import Volumes

/// Sentences about a kernel, for the console and the picture.
struct KernelWords {
  private let kernel: KernelSubject

  init(_ kernel: KernelSubject) { self.kernel = kernel }

  var title: String { "\(lengths) voxels, rank \(kernel.rank), \(method)" }

  var lengths: String { kernel.size.array.map(String.init).joined(separator: "×") }

  var method: String {
    switch kernel.method {
    case .separable: "separable"
    case .rankR: "a sum of \(Wording.count(kernel.terms.count, "term"))"
    case .dense: "dense"
    }
  }

  var size: String {
    let count = kernel.size.array.reduce(1) { $0 * Double($1) }
    let origin = kernel.origin.array.map(String.init).joined(separator: ", ")
    let noun = count == 1 ? "weight" : "weights"
    return "\(lengths) voxels along i, j, k: \(count.significant(15)) \(noun); weight (\(origin)) meets the voxel"
  }

  var weights: String {
    let isInteger = kernel.isInteger || kernel.weights?.weights.allSatisfy { $0 == $0.rounded() } ?? false
    let kind = isInteger ? "integers" : kernel.constant.map(constant) ?? "not all integers"
    let total = kernel.absoluteSum.map { ", of magnitudes \($0.significant(6))" } ?? ""
    return "\(kind); sum \(kernel.sum.significant(6))\(total)"
  }

  private func constant(_ value: Double) -> String {
    let what = if case .formula = kernel.choice { "a formula" } else { "integers" }
    return "\(what) times \(value.significant(6)), which the last factor contains"
  }

  var multiplies: String {
    let (before, after) = (kernel.multipliesBefore.significant(15), kernel.multipliesAfter)
    guard long.count > 1 else { return "\(after) per voxel; there is nothing to take apart along one axis" }
    guard kernel.method != .dense else { return "\(before) per voxel; one outer product would take \(oneProduct)" }
    let fewer = kernel.speedUp > 1 ? ", \(kernel.speedUp.significant(4)) times fewer" : ""
    return "\(after) per voxel instead of \(before)\(fewer); \(theory)"
  }

  private var long: [Int] { kernel.size.array.filter { $0 > 1 } }

  private var oneProduct: String { "\(max(1, long.reduce(0, +)))" }

  /// (P·Q) / (P + Q), with its numbers.
  private var theory: String {
    let (product, sum) = (long.map(String.init).joined(separator: "·"), long.map(String.init).joined(separator: " + "))
    return "one outer product: \(product) / (\(sum)) = \(kernel.speedUpOfOneProduct.significant(4))"
  }

  var error: String {
    let rounding = kernel.roundingBound(unit: 0x1p-24).map { ", and \(Wording.scientific($0)) × by rounding (float)" }
    return
      "at most \(Wording.scientific(kernel.bound)) × the largest |voxel| by taking the kernel apart\(rounding ?? "")"
  }

  var reason: String {
    switch kernel.choice {
    case .formula:
      kernel.terms.count == 1
        ? "its factors are known by its formula"
        : "its formula gives \(Wording.count(kernel.terms.count, "term")); what they have in common runs once"
    case .insistsOnDense: "as its \"method\" asks"
    case .factoring(let reason): sentence(reason)
    }
  }

  private func sentence(_ reason: Factorisation.Reason) -> String {
    switch reason {
    case .outerProduct:
      kernel.isInteger
        ? "the weights are an outer product of integers, exactly"
        : "the weights are an outer product, \(kernel.bound == 0 ? "exactly" : "within the tolerance")"
    case .sumIsCheaper(let sum, let dense):
      "\(Wording.count(kernel.terms.count, "outer product")) take about \(cost(sum)), the weights as they are \(dense.short)"
    case .denseIsCheaper(let terms, let sum, let dense):
      "the weights as they are take about \(cost(dense)), the best sum, of \(Wording.count(terms, "term")), \(sum.short)"
    case .noSumWithinTolerance(let dense):
      "no sum within the tolerance can be cheaper than the weights as they are, about \(cost(dense))"
    case .notFinite: "some weights are not finite"
    }
  }

  private func cost(_ nanoseconds: Double) -> String { "\(nanoseconds.short) ns per voxel and thread" }
}

extension Double {
  /// Three digits, but whole numbers of up to six in full.
  var short: String { (1000..<1e6).contains(magnitude) ? Wording.decimals(self, 0) : significant(3) }
}
