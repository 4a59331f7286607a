import Kernels
import StrictJSON
import Volumes

/// A kernel as the command line describes it: `--gaussian fwhm_mm=6,order=1`.
///
/// Keys, values and errors are those of the job file: the text becomes the element that a job would hold.
package struct KernelSpec: Equatable, Sendable {
  /// Which kernel: `gaussian`.
  package let name: String
  /// `key=value,key=value`; a value of several parts is written with commas, `sigma_vox=2,2,1`.
  package let text: String

  package init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  /// All names, the filters of a job first.
  package static var names: [String] { filters.map { $0.name } + formulas.map { $0.name } }

  private static let filters: [any Filter.Type] = [GaussianFilter.self, BoxFilter.self]
  private static let formulas: [any KernelFormula.Type] = [
    PeakFormula.self, LaplacianOfGaussianFormula.self, DifferenceOfGaussiansFormula.self, LaplacianFormula.self,
    SlopeFormula<Sobel>.self, SlopeFormula<Prewitt>.self, SlopeFormula<Scharr>.self, BinomialFormula.self,
  ]

  /// The keys that each name takes, for the documentation.
  package static var keys: [(name: String, keys: [KeyDeclaration])] {
    filters.map { ($0.name, $0.form.keys) } + formulas.map { ($0.name, $0.form.keys) }
  }

  /// - Throws: everything that is wrong, each sentence beginning with the option.
  package func subject(spacing: Spacing?) throws(KernelProblem) -> KernelSubject {
    if let filter = Self.filters.first(where: { $0.name == name }) {
      let element = try element(filter.form, members: [("filter", JSONNode(.string(name), line: 1, column: 1))])
      let issues = JSONIssues()
      guard let filter = ObjectReader(element, at: .root, form: filter.form, issues).flatMap({ filter.init($0) }) else {
        throw problem(issues)
      }
      return try KernelSubject(filter, name: option, spacing: spacing)
    }
    guard let formula = Self.formulas.first(where: { $0.name == name }) else {
      throw KernelProblem("\(option): expected one of the kernels \(Self.names.quotedList("and"))")
    }
    return try subject(formula, spacing: spacing)
  }

  private func subject(
    _ formula: any KernelFormula.Type, spacing: Spacing?
  ) throws(KernelProblem) -> KernelSubject {
    let issues = JSONIssues()
    let element = try element(formula.form, members: [])
    guard let formula = ObjectReader(element, at: .root, form: formula.form, issues).flatMap({ formula.init($0) })
    else {
      throw problem(issues)
    }
    guard spacing != nil || !formula.needsSpacing else {
      throw KernelProblem(
        "--spacing: missing; expected three lengths in mm, as in --spacing 1,1,2.5, because \(option) has a width in mm"
      )
    }
    do throws(KernelFailure) {
      let kernel = try formula.kernel(spacing: spacing ?? Spacing(all: 1))
      var subject = KernelSubject(kernel, spacing: spacing)
      subject.findings = formula.findings(on: kernel, spacing: spacing ?? Spacing(all: 1))
      return subject
    } catch {
      throw KernelProblem("\(option): \(error)")
    }
  }

  private var option: String { "--\(name)" }

  /// Without lines, which a command does not have; what goes for three axes is said once.
  private func problem(_ issues: JSONIssues) -> KernelProblem {
    let sentences = issues.all.map {
      $0.path.isRoot ? "\(option): \($0.problem)" : "\(option): \($0.path): \($0.problem)"
    }
    return KernelProblem(sentences.enumerated().filter { !sentences[..<$0.offset].contains($0.element) }.map(\.element))
  }
}

// MARK: - From text to an element

extension KernelSpec {
  private func element(
    _ form: Form, members first: [(String, JSONNode)]
  ) throws(KernelProblem) -> JSONNode {
    var members = first.map { JSONMember(key: $0.0, line: 1, column: 1, node: $0.1) }
    for (key, parts) in try pairs() {
      guard !members.contains(where: { $0.key == key }) else {
        throw KernelProblem("\(option): \(key): expected every key once, found it again")
      }
      let isList = form.keys.first { $0.name == key }?.isList ?? false
      members.append(JSONMember(key: key, line: 1, column: 1, node: Self.node(parts, isList: isList)))
    }
    return JSONNode(.object(members), line: 1, column: 1)
  }

  /// A part without `=` belongs to the key before it.
  private func pairs() throws(KernelProblem) -> [(key: String, parts: [String])] {
    var pairs: [(key: String, parts: [String])] = []
    guard !text.isEmpty else { return [] }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      if let equals = part.firstIndex(of: "="), equals != part.startIndex {
        pairs.append((String(part[..<equals]), [String(part[part.index(after: equals)...])]))
      } else if !pairs.isEmpty, !part.contains("=") {
        pairs[pairs.count - 1].parts.append(String(part))
      } else {
        throw KernelProblem("\(option): expected key=value, as in a job's filter, found \(String(part).quoted)")
      }
    }
    return pairs
  }

  private static func node(_ parts: [String], isList: Bool) -> JSONNode {
    let nodes = parts.map(node)
    return nodes.count == 1 && !isList ? nodes[0] : JSONNode(.array(nodes), line: 1, column: 1)
  }

  /// What JSON knows as a number is one; everything else is a word.
  private static func node(_ text: String) -> JSONNode {
    if let node = try? JSONReader.parse(Array(text.utf8)), case .number = node.value { return node }
    return JSONNode(.string(text), line: 1, column: 1)
  }
}

extension KeyDeclaration {
  /// Whether even one value is written as an array.
  fileprivate var isList: Bool {
    guard case .object(let members) = schema else { return false }
    return members.contains { name, value in
      guard name == "type", case .string(let type) = value else { return false }
      return type == "array"
    }
  }
}
