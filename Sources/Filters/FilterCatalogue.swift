import StrictJSON

/// The filters there are.
package enum FilterCatalogue {
  /// In the order of the reference page.
  package static let all: [any Filter.Type] = [
    GaussianFilter.self, BoxFilter.self, KernelFilter.self,
    MedianFilter.self, MinimumFilter.self, MaximumFilter.self, PercentileFilter.self,
    ScaleFilter.self, ClampFilter.self, ThresholdFilter.self, OtsuFilter.self, MaskFilter.self,
    ReduceFilter.self, CropFilter.self,
    AddFilter.self, SubtractFilter.self, MultiplyFilter.self, DivideFilter.self, SaveFilter.self,
  ]

  package static var names: [String] { all.map { $0.name } }

  /// One element of `filters`, of whichever kind its `"filter"` says.
  package static func kind(in surroundings: FilterSurroundings) -> Kind<any Filter> {
    Kind(
      expected: "a filter", schema: schema, write: { _ in .null }, restate: restate,
      read: { node, path, issues in read(node, at: path, issues, surroundings) })
  }

  private static func read(
    _ node: JSONNode, at path: JSONPath, _ issues: JSONIssues, _ surroundings: FilterSurroundings
  ) -> (any Filter)? {
    guard node.members != nil else {
      issues.reportMismatch("an object with the key \"filter\"", node, at: path)
      return nil
    }
    guard let nameNode = node["filter"] else {
      issues.report("missing; expected \(names.quotedList("or"))", at: path.appending("filter"), line: node.line)
      return nil
    }
    // Without its name the other keys of an element cannot be judged.
    guard let filter = all.first(where: { $0.name == nameNode.string }) else {
      let question = nameNode.string.map { Nearest.question($0, among: names) } ?? ""
      let problem = "expected \(names.quotedList("or")), found \(issues.shown(nameNode))\(question)"
      issues.report(problem, at: path.appending("filter"), line: nameNode.line)
      return nil
    }
    let read = filter.read(node, at: path, issues, surroundings)
    read?.scansBeside.filter { !$0.isPattern }.forEach { checkScan($0, of: node, at: path, issues, surroundings) }
    return read
  }

  /// A mask that cannot be read would fail every scan of the job, and none of them is to blame.
  private static func checkScan(
    _ scan: ScanBeside, of node: JSONNode, at path: JSONPath, _ issues: JSONIssues, _ surroundings: FilterSurroundings
  ) {
    do throws(UnreadableFile) {
      try surroundings.scan(scan)
    } catch {
      let name = issues.hidesTexts ? "the scan" : scan.file.quoted
      issues.report(
        error.sentence(about: name), at: path.appending(scan.key), line: node[scan.key]?.line ?? node.line)
    }
  }

  @Sendable private static func restate(_ node: JSONNode, _ discretion: Discretion) -> JSONOutput {
    let filter = all.first { $0.name == node["filter"]?.string }
    return filter?.restate(node, discretion) ?? JSONOutput(node)
  }
}

// MARK: - JSON Schema

extension FilterCatalogue {
  /// The name first, then the form that goes with it: editors then complain about one form, not about all.
  private static var schema: JSONOutput {
    .object([
      ("type", .string("object")),
      ("required", .array([.string("filter")])),
      ("properties", .object([("filter", .object([("enum", .array(names.map { .string($0) }))]))])),
      ("allOf", .array(names.map(choice))),
    ])
  }

  private static func choice(of name: String) -> JSONOutput {
    let condition = JSONOutput.object([
      ("required", .array([.string("filter")])),
      ("properties", .object([("filter", .object([("const", .string(name))]))])),
    ])
    return .object([("if", condition), ("then", .object([("$ref", .string("#/$defs/\(name)"))]))])
  }

  /// What the schema of an element refers to; stands under `$defs` of the whole schema.
  package static var definitions: [(String, JSONOutput)] {
    all.map { filter in
      guard case .object(let members) = filter.form.schema else { return (filter.name, .bool(true)) }
      return (filter.name, .object([("description", .string(filter.summary))] + members))
    }
  }
}
