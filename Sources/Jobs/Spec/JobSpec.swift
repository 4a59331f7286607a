import Filters
import StrictJSON

/// A job as it is written, with the defaults filled in; paths are still relative to the job file.
package struct JobSpec: Sendable {
  package let name: String
  package let input: InputSpec
  package let filters: [any Filter]
  package let output: OutputSpec
  package let policy: PolicySpec
  package let resources: ResourceSpec
  private let document: JSONNode

  /// The versions of the format that this program reads.
  package static let version = 1

  /// Bytes of a job file, at most.
  static let longest = 16 << 20

  /// The folder that a job file's relative paths start in.
  static func folder(of file: String) -> String {
    guard let slash = file.lastIndex(of: "/") else { return "." }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }

  /// Reads a job file strictly.
  ///
  /// - Parameters:
  ///   - bytes: The file's content.
  ///   - fileName: The file's name as messages show it.
  ///   - surroundings: Reads the files that the job's filters name.
  /// - Throws: `.badKeys` with everything that is wrong, in the order of the lines; `.badJob` for what is no JSON;
  ///   `.interrupted`.
  package static func decode(
    _ bytes: [UInt8], fileName: String, in surroundings: FilterSurroundings
  ) throws(JobRefusal) -> JobSpec {
    let document: JSONNode
    do {
      document = try JSONReader.parse(bytes)
    } catch {
      throw .badJob(["\(fileName): \(error)"])
    }
    // Known before anything is judged, so that no sentence about a job with keyed names holds one.
    let issues = JSONIssues(hidingTexts: document["policy"]?["names"]?.string == NamePolicy.hmac.rawValue)
    let spec = read(document, issues, surroundings)
    if surroundings.isStopped() { throw .interrupted }
    if let spec { return spec }
    throw .badKeys(problems(issues.all, fileName: fileName))
  }

  private static func read(
    _ document: JSONNode, _ issues: JSONIssues, _ surroundings: FilterSurroundings
  ) -> JobSpec? {
    // Another version's grammar is another one: its keys would only make false errors.
    if let version = document["medfilter"], let number = version.int, number != Self.version {
      let advice = number > Self.version ? "; this job was written for a newer medfilter" : ""
      let problem = "expected \(Self.version), found \(number)\(advice)"
      issues.report(problem, at: .root.appending("medfilter"), line: version.line)
      return nil
    }
    let filters = filtersKey(surroundings)
    guard let object = ObjectReader(document, at: .root, form: form(filters), issues) else { return nil }
    return JobSpec(object, document, filters)
  }

  private init?(_ object: ObjectReader, _ document: JSONNode, _ filtersKey: Key<[any Filter]>) {
    _ = object.read(Self.versionKey)
    let name = object.read(Self.nameKey)
    let input = object.read(Self.inputKey)
    let filters = object.read(filtersKey)
    let output = object.read(Self.outputKey)
    let policy = object.read(Self.policyKey)
    let resources = object.read(Self.resourcesKey)
    if let input, let output { Self.checkRoots(input, output, object) }
    if let policy, let filters { Self.checkAbsentVoxels(policy, filters, object) }
    guard object.isSound, let name, let input, let filters, let output, let policy, let resources else { return nil }
    self.name = name
    self.input = input
    self.filters = filters
    self.output = output
    self.policy = policy
    self.resources = resources
    self.document = document
  }

  /// What can be seen without looking at the disk; links are followed when the job is planned.
  private static func checkRoots(_ input: InputSpec, _ output: OutputSpec, _ object: ObjectReader) {
    guard FolderName(output.root).holds(FolderName(input.root)) else { return }
    let problem = "expected a folder that neither is nor holds input.root, found \(object.issues.shown(output.root))"
    object.issues.report(problem, at: object.path.appending("output").appending("root"), line: output.rootLine)
  }

  private static func checkAbsentVoxels(_ policy: PolicySpec, _ filters: [any Filter], _ object: ObjectReader) {
    guard policy.nonFinite == .ignore else { return }
    for (index, filter) in filters.enumerated() {
      guard let objection = filter.objectionToAbsentVoxels else { continue }
      let path = object.path.appending("policy").appending("nonfinite")
      let reason = "because it divides by the sum of the weights in reach, and \(objection)"
      object.issues.report("\"ignore\" is not possible with filters[\(index)], \(reason)", at: path, line: policy.line)
    }
  }

  /// Sorted by line; a file that is no job at all needs no thousand lines to say so.
  private static func problems(_ issues: [JSONIssue], fileName: String) -> [KeyProblem] {
    let most = 100
    let sorted = issues.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
    let problems = sorted.prefix(most).map { _, issue in
      KeyProblem(path: issue.path.description, sentence: "\(fileName): \(issue)")
    }
    guard issues.count > most else { return problems }
    return problems + [KeyProblem(path: "", sentence: "\(fileName): and \(issues.count - most) more errors")]
  }
}

extension JobSpec {
  /// The names of what is made of a scan: of what leaves the chain's end, then of what is saved on the way.
  var outputTemplates: [String] { [output.name] + filters.compactMap(\.savesAs) }
}

// MARK: - Restating

extension JobSpec {
  /// The job with its defaults filled in, for the log and the plan.
  package func resolved(_ discretion: Discretion) -> JSONOutput {
    let form = Self.form(Self.filtersKey(Self.nowhere))
    guard case .object(let members) = form.restate(document, discretion) else { return .null }
    return .object(members.map { ($0.0, $0.0 == "output" ? withLevel($0.1) : $0.1) })
  }

  /// The level's default depends on the format, which a table of keys cannot say.
  private func withLevel(_ output: JSONOutput) -> JSONOutput {
    guard case .object(let members) = output else { return output }
    return .object(members.filter { $0.0 != "level" } + [("level", .int(self.output.level))])
  }
}

// MARK: - Keys

extension JobSpec {
  /// JSON Schema (2020-12) of the job file, for editors.
  package static var schema: JSONOutput {
    let filters = filtersKey(nowhere)
    guard case .object(let members) = form(filters).schema else { return .null }
    let head: [(String, JSONOutput)] = [
      ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
      ("title", .string("A job for medfilter")),
    ]
    return .object(head + members + [("$defs", .object(FilterCatalogue.definitions))])
  }

  private static func form(_ filters: Key<[any Filter]>) -> Form {
    Form(keys: [
      versionKey.declaration, nameKey.declaration, inputKey.declaration, filters.declaration, outputKey.declaration,
      policyKey.declaration, resourcesKey.declaration,
    ])
  }

  /// The tables of the reference page: each object's name with its keys.
  package static var sections: [(name: String, form: Form)] {
    let filters = filtersKey(nowhere)
    return [
      ("job", form(filters)), ("input", InputSpec.form), ("output", OutputSpec.form), ("policy", PolicySpec.form),
      ("resources", ResourceSpec.form),
    ]
  }

  private static let versionKey = Key<Int>(
    "medfilter", .constant(version), .required, "The version of this format.")
  private static let nameKey = Key<String>(
    "name", .jobName, .required, "The job's name, for logs and reports.")
  private static let inputKey = Key<InputSpec>(
    "input", .object(InputSpec.form) { InputSpec($0) }, .required, "Which scans to filter.")
  private static let outputKey = Key<OutputSpec>(
    "output", .object(OutputSpec.form) { OutputSpec($0) }, .required, "Where results go, and in which form.")
  private static let policyKey = Key<PolicySpec>(
    "policy", .object(PolicySpec.form) { PolicySpec($0) }, .byDefault(PolicySpec()), "What to do in doubtful cases.")
  private static let resourcesKey = Key<ResourceSpec>(
    "resources", .object(ResourceSpec.form) { ResourceSpec($0) }, .byDefault(ResourceSpec()),
    "How much of the machine to use.")

  /// For what is asked of the keys themselves, not of a job.
  private static let nowhere = FilterSurroundings { _ throws(UnreadableFile) in throw .cannotOpen("not needed here") }

  private static func filtersKey(_ surroundings: FilterSurroundings) -> Key<[any Filter]> {
    Key(
      "filters", .list(of: FilterCatalogue.kind(in: surroundings), "filters", count: 1...64), .required,
      "The filters, in the order in which they are applied.")
  }
}

extension Kind where Value == String {
  fileprivate static var jobName: Kind {
    Kind(
      expected: "1 to 64 of the characters A-Z a-z 0-9 . _ -",
      schema: .object([("type", .string("string")), ("pattern", .string("^[A-Za-z0-9._-]{1,64}$"))]),
      write: { .string($0) },
      value: { node in
        guard let name = node.string, (1...64).contains(name.utf8.count) else { return nil }
        return name.utf8.allSatisfy(isNameByte) ? name : nil
      })
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }
}
