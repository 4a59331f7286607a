/// Reads the values of one object and reports everything in it that its form does not allow.
///
///     guard let object = ObjectReader(node, at: path, form: form, issues) else { return nil }
///     let name = object.read(nameKey)
///     guard object.isSound, let name else { return nil }
package struct ObjectReader {
  package let path: JSONPath
  package let line: Int
  package let issues: JSONIssues
  private let members: [String: JSONMember]
  private let issuesBefore: Int

  /// `nil`, reported, for anything but an object. Unknown and missing keys are reported here, values when they are read.
  package init?(_ node: JSONNode, at path: JSONPath, form: Form, _ issues: JSONIssues) {
    guard let members = node.members else {
      issues.reportMismatch("an object", node, at: path)
      return nil
    }
    self.path = path
    self.line = node.line
    self.issues = issues
    self.issuesBefore = issues.all.count
    self.members = Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0) })
    let meant = reportUnknown(members, form)
    for key in form.keys where key.isRequired && !isPresent(key.name) && !meant.contains(key.name) {
      report("missing; expected \(key.expected)", at: key.name)
    }
    for rule in form.rules { check(rule, meant: meant) }
  }

  /// Nothing has been reported since this reader began.
  package var isSound: Bool { issues.all.count == issuesBefore }

  package func isPresent(_ name: String) -> Bool { members[name] != nil }

  /// Where a key stands; for an absent one, where the object begins.
  package func line(of name: String) -> Int { members[name]?.line ?? line }

  /// The value, or the key's default. `nil` when it is absent without a default, or wrong, which is reported.
  package func read<Value>(_ key: Key<Value>) -> Value? {
    guard let member = members[key.name] else {
      guard case .byDefault(let value) = key.presence else { return nil }
      return value
    }
    return key.kind.read(member.node, path.appending(key.name), issues)
  }

  /// Reports a problem of one key, present or not.
  package func report(_ problem: String, at name: String) {
    issues.report(problem, at: path.appending(name), line: line(of: name))
  }

  /// Reports a problem of the object as a whole.
  package func report(_ problem: String) { issues.report(problem, at: path, line: line) }
}

extension ObjectReader {
  /// - Returns: The known keys that the unknown ones probably are; to call these missing would be a second error for one.
  private func reportUnknown(_ members: [JSONMember], _ form: Form) -> Set<String> {
    var meant: Set<String> = []
    for member in members where !form.names.contains(member.key) {
      let absent = form.names.filter { !isPresent($0) }
      let missed = Nearest.names(to: member.key, among: absent)
      meant.formUnion(missed)
      let question = Nearest.question(member.key, among: missed.isEmpty ? form.names : absent)
      let known = "; known here are \(form.names.quotedList("and"))"
      // A key that nobody knows is a text as any other.
      let place = issues.hidesTexts ? path : path.appending(member.key)
      issues.report("unknown key\(question.isEmpty ? known : question)", at: place, line: member.line)
    }
    return meant
  }

  private func check(_ rule: Rule, meant: Set<String>) {
    switch rule {
    case .exactlyOne(let names):
      let present = names.filter(isPresent)
      guard present.count != 1, present.count > 1 || meant.isDisjoint(with: names) else { return }
      report(
        "expected exactly one of \(names.quotedList("and")), found \(present.isEmpty ? "none" : present.quotedList("and"))"
      )
    case .atLeastOne(let names):
      guard !names.contains(where: isPresent), meant.isDisjoint(with: names) else { return }
      report("expected \(names.quotedList("or")), found none")
    case .excludes(let name, let other):
      guard isPresent(name), isPresent(other) else { return }
      report("not possible together with \(name.quoted)", at: other)
    case .needs(let name, let other):
      guard isPresent(name), !isPresent(other), !meant.contains(other) else { return }
      report("allowed only together with \(other.quoted)", at: name)
    case .onlyWith(let name, let key, let word):
      guard isPresent(name), members[key]?.node.string != word, !meant.contains(key) else { return }
      report("allowed only with \(key.quoted): \(word.quoted)", at: name)
    case .bounded(let name, let bounds, let key, let word, let isDefault):
      guard let node = members[name]?.node, let number = node.int, !bounds.contains(number) else { return }
      guard members[key].map({ $0.node.string == word }) ?? isDefault else { return }
      report("expected an integer\(bounds.words) with \(key.quoted): \(word.quoted), found \(number)", at: name)
    }
  }
}
