import Kernels
import StrictJSON
import Volumes

/// What a kernel answers to 1, x and x², held against what it should answer.
///
/// Samples of a narrow Gaussian's derivatives miss most of it, and truncation cuts the rest: a slope of 1 is told as 0.3,
/// a constant has a curvature. Weights that a user wrote have nothing to be held against; their answers are told only.
struct AnswerCheck {
  let found: PerAxis<Answers?>
  /// `nil` along an axis where nothing is promised. A ramp or a square whose answer should be 0 is 0 by symmetry.
  let expected: PerAxis<Answers?>
  /// Σ|weight| of what answers, along each axis.
  let size: PerAxis<Double>

  /// Relative to what is expected, for x and x².
  static let tolerance = 0.02
  /// Relative to the sum of magnitudes, for a constant: scans have a mean that is large beside their contrast.
  static let constantTolerance = 0.005

  var isRealised: Bool { Axis.allCases.allSatisfy { problems(along: $0).isEmpty } }

  /// One for each way in which the answers are off, with the axes that have it in common.
  ///
  /// - Parameter advice: What would do instead, if something would.
  func findings(named name: String, advice: @autoclosure () -> String?) -> [Finding] {
    let told = Axis.allCases.flatMap { axis in problems(along: axis).map { (axis, $0) } }
    guard !told.isEmpty else { return [] }
    let way = advice().map { "; \($0)" } ?? ""
    return told.grouped.map { axes, problem in
      Finding("answer-not-realised", "along \(axes.words) the \(name) answer \(problem)\(way)")
    }
  }

  private func problems(along axis: Axis) -> [String] {
    guard let found = found[axis], let expected = expected[axis] else { return [] }
    var problems: [String] = []
    let most = Self.constantTolerance * size[axis]
    if !((found.constant - expected.constant).magnitude <= most) {
      problems.append(
        "a constant of 1 with \(found.constant.significant(4)) instead of \(expected.constant.significant(4)) "
          + "(at most \(most.significant(2)) off)")
    }
    if let share = Self.share(found.ramp, expected.ramp) {
      problems.append(Self.sentence("a ramp, x,", found.ramp, expected.ramp, share))
    }
    if let share = Self.share(found.square, expected.square) {
      problems.append(Self.sentence("x²", found.square, expected.square, share))
    }
    return problems
  }

  /// How far off, if it is too far.
  private static func share(_ found: Double, _ expected: Double) -> Double? {
    guard expected != 0 else { return nil }
    let share = (found / expected - 1).magnitude
    return share <= tolerance ? nil : share
  }

  private static func sentence(_ what: String, _ found: Double, _ expected: Double, _ share: Double) -> String {
    "\(what) with \(found.significant(4)) instead of \(expected.significant(4)), "
      + "\((share * 100).significant(3)) % off (at most \((tolerance * 100).words) %)"
  }
}

extension [(Axis, String)] {
  /// The same sentence about several axes becomes one, at the place of the first.
  var grouped: [(axes: [Axis], sentence: String)] {
    reduce(into: []) { groups, told in
      if let known = groups.firstIndex(where: { $0.sentence == told.1 }) {
        groups[known].axes.append(told.0)
      } else {
        groups.append(([told.0], told.1))
      }
    }
  }
}

extension [Axis] {
  /// `i, j and k`
  var words: String {
    guard let last = self.last, count > 1 else { return first?.name ?? "" }
    return dropLast().map(\.name).joined(separator: ", ") + " and " + last.name
  }
}

extension PerAxis where Value == Answers? {
  /// The same answer to a constant, along every axis, and none to x and x² that matters.
  static func constants(_ value: Double) -> PerAxis {
    PerAxis(all: Answers(constant: value, ramp: 0, square: 0))
  }

  /// For the log and for `medfilter kernel --json`; what is too large for a number is not known.
  var json: JSONOutput {
    .object(Axis.allCases.map { axis in (axis.name, self[axis].map(\.json) ?? .null) })
  }
}

extension Answers {
  fileprivate var json: JSONOutput {
    func number(_ value: Double) -> JSONOutput { value.isFinite ? .double(value) : .null }
    return .object([("constant", number(constant)), ("ramp", number(ramp)), ("square", number(square))])
  }
}
