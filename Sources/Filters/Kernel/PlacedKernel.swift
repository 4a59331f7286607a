import Filtering
import Kernels
import Volumes

/// A kernel's weights on their axes, normalised and factored.
package struct PlacedKernel: Sendable {
  /// After normalisation.
  package private(set) var weights: DenseKernel
  package let method: Factorisation.Method
  /// Why that method; `nil` when the job insists on the dense kernel.
  package let reason: Factorisation.Reason?
  package private(set) var terms: [PerAxis<Taps?>]
  /// The weights are integers and the terms' sum equals them.
  package let isInteger: Bool
  /// What the last pass carries beside integers, if the other passes are integers.
  package let constant: Double?
  package let rank: Int
  /// Per axis, of the weights along it × all others.
  package let spectra: PerAxis<[Double]>
  package let singularValues: [Double]
  /// Σ|K − K̂|.
  package let bound: Double
  package let multipliesBefore: Int
  /// Along each axis that the kernel reaches along, of what runs.
  package private(set) var answers: PerAxis<Answers?>
  package let findings: [Finding]

  /// How a kernel is to be divided and factored.
  struct Request {
    /// 1, or what `normalise` asks for; not 0.
    var divisor = 1.0
    /// The divisor is the sum, so that a constant is to stay what it is.
    var promisesSum = false
    var tolerance = KernelRequest.defaultTolerance
    var method = KernelFilter.Method.auto
  }

  /// Factors the weights as they were written, so that integers are factored exactly, and divides afterwards.
  ///
  /// - Parameter check: Asked several times a second; large kernels without structure take minutes.
  init<Stop: Error>(_ raw: DenseKernel, _ asked: Request, check: StopCheck<Stop>) throws(Stop) {
    let (divisor, method) = (asked.divisor, asked.method)
    let factors = try Factoring.factor(raw, tolerance: asked.tolerance, check: check)
    let isDense = method == .dense || factors.method == .dense
    let weights = DenseKernel(shape: raw.shape, weights: raw.weights.map { $0 / divisor }, origin: raw.origin)
    let divided = isDense ? [] : factors.terms.map { $0.dividingLastPass(by: divisor) }
    let isWithoutSigns = factors.method == .separable && weights.weights.allSatisfy { $0 >= 0 }
    self.weights = weights
    self.method = isDense ? .dense : factors.method
    reason = method == .dense ? nil : factors.reason
    // A product without weights below 0 has factors without them too: a sign would only be undone by another factor's.
    terms = isWithoutSigns ? divided.map { $0.withoutSigns() } : divided
    isInteger = factors.isInteger && divisor.magnitude == 1
    constant =
      isDense ? nil : factors.constant.map { $0 / divisor } ?? (factors.isInteger && divisor != 1 ? 1 / divisor : nil)
    rank = factors.rank
    spectra = factors.spectra.map { $0.map { $0 / divisor.magnitude } }
    singularValues = factors.singularValues.map { $0 / divisor.magnitude }
    bound = isDense ? 0 : divisor == 1 ? factors.bound : Factoring.residual(of: divided, for: weights)
    multipliesBefore = factors.multipliesBefore
    answers = weights.answers(of: isDense ? nil : terms)
    let sum = AnswerCheck(
      found: answers, expected: asked.promisesSum ? .constants(1) : PerAxis(all: nil),
      size: PerAxis(all: weights.weights.reduce(0) { $0 + $1.magnitude }))
    findings = sum.findings(named: "weights", advice: "a smaller \"tolerance\" would do")
  }

  /// Per voxel, as it runs.
  package var multipliesAfter: Int {
    method == .dense ? multipliesBefore : SharedPasses(terms).multiplies
  }

  /// Why a sum of these weights cannot be divided by; `nil` when it can.
  var objectionToDivision: String? {
    if weights.weights.contains(where: { $0 < 0 }) { return "the kernel has weights below 0" }
    return weights.weights.allSatisfy { $0 == 0 } ? "the kernel has no weight above 0" : nil
  }

  /// The kernel to correlate with where the job says convolve.
  func flipped() -> PlacedKernel {
    var turned = self
    turned.weights = weights.flipped()
    turned.terms = terms.map { term in term.map { $0?.flipped() } }
    turned.answers = answers.map { $0?.turned }
    return turned
  }

  var linearKernel: LinearKernel {
    method == .dense ? .dense(weights) : .separable(terms.map { SeparableTerm($0) })
  }

  var facts: KernelFacts { KernelFacts(isMean: objectionToDivision == nil, residual: bound) }
}

extension PerAxis where Value == Taps? {
  fileprivate func withoutSigns() -> PerAxis {
    map { taps in taps.map { Taps(weights: $0.weights.map(\.magnitude), origin: $0.origin) } }
  }

  /// One division per tap of one pass: the product of the passes is then the kernel divided, within one rounding.
  fileprivate func dividingLastPass(by divisor: Double) -> PerAxis {
    guard divisor != 1 else { return self }
    var divided = self
    let last = Axis.allCases.last { self[$0] != nil } ?? .i
    let taps = self[last] ?? Taps(weights: [1], origin: 0)
    divided[last] = Taps(weights: taps.weights.map { $0 / divisor }, origin: taps.origin)
    return divided
  }
}

extension DenseKernel {
  /// What the kernel answers along the axes that it reaches along, or what the terms do that run in its place.
  fileprivate func answers(of terms: [PerAxis<Taps?>]?) -> PerAxis<Answers?> {
    let long = Axis.allCases.filter { shape[$0] > 1 }
    var answers = PerAxis<Answers?>(all: nil)
    for axis in long.isEmpty ? [.i] : long {
      let sums = terms?.marginal(along: axis, size: shape[axis], origin: origin[axis]) ?? marginal(along: axis)
      answers[axis] = sums.answers
    }
    return answers
  }

  /// The weights of the other operation: correlating with them is convolving with these.
  func flipped() -> DenseKernel {
    var turned = PerAxis(all: 0)
    for axis in Axis.allCases { turned[axis] = shape[axis] - 1 - origin[axis] }
    // i is the fastest and every axis is turned, so the whole block is read backwards.
    return DenseKernel(shape: shape, weights: weights.reversed(), origin: turned)
  }
}
