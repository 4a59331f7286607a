import Kernels
import StrictJSON
import Volumes

// A kernel in a file of its own: one element of `filters`, read by `"file"` and by `medfilter kernel`.

extension KernelFilter {
  /// An element, with the keys of the file that it names filled in.
  package static func read(
    _ node: JSONNode, at path: JSONPath, _ issues: JSONIssues, _ surroundings: FilterSurroundings
  ) -> KernelFilter? {
    var element = node
    if let file = node["file"], file.string != nil, node["weights"] == nil {
      guard let name = fileKey.kind.read(file, path.appending("file"), issues) else { return nil }
      guard let content = readFile(name, at: path.appending("file"), line: file.line, issues, surroundings) else {
        return nil
      }
      element = node.filled(from: content)
    }
    return ObjectReader(element, at: path, form: form, issues).flatMap {
      KernelFilter($0, requiresMode: true, isStopped: surroundings.isStopped)
    }
  }

  /// Defaults stay out beside `file`: written into the job they would win over what the file says.
  package static func restate(_ node: JSONNode, _ discretion: Discretion) -> JSONOutput {
    form.restate(node, discretion, fillsDefaults: node["file"] == nil)
  }

  /// What `medfilter kernel FILE` looks at: asymmetric weights need no mode there.
  ///
  /// - Parameter isStopped: Asked while the kernel is taken apart; once it is true, so that whatever is thrown means
  ///   nothing.
  package static func decode(
    _ bytes: [UInt8], isStopped: () -> Bool = { false }
  ) throws(KernelProblem) -> KernelFilter {
    let object = try element(in: bytes).object
    guard let kernel = KernelFilter(object, requiresMode: false, isStopped: isStopped) else {
      throw KernelProblem(object.issues)
    }
    return kernel
  }

  /// The element in a kernel file, once its values have been found to be sound one by one.
  private static func element(
    in bytes: [UInt8], hidingTexts: Bool = false
  ) throws(KernelProblem) -> (node: JSONNode, object: ObjectReader) {
    let node: JSONNode
    do throws(JSONSyntaxError) {
      node = try JSONReader.parse(bytes)
    } catch {
      throw KernelProblem(error.description)
    }
    let issues = JSONIssues(hidingTexts: hidingTexts)
    guard let object = ObjectReader(node, at: .root, form: fileForm, issues) else { throw KernelProblem(issues) }
    _ = (object.read(optionalNameKey), object.read(modeKey), KernelRequest(object), LinearOptions(object))
    guard object.isSound else { throw KernelProblem(issues) }
    return (node, object)
  }

  private static let optionalNameKey = Key<String>("filter", .constant(name), .byDefault(name), "")

  /// As in a job, but `"filter": "kernel"` goes without saying and a file does not name another one.
  private static let fileForm = Form(
    keys: [
      optionalNameKey.declaration,
      Key("weights", .weights, .required, "").declaration,
    ] + form.keys.filter { !["filter", "file", "weights"].contains($0.name) },
    rules: LinearOptions.rules)

  private static func readFile(
    _ name: String, at path: JSONPath, line: Int, _ issues: JSONIssues, _ surroundings: FilterSurroundings
  ) -> JSONNode? {
    let shownName = issues.hidesTexts ? "the kernel file" : name.quoted
    let bytes: [UInt8]
    do throws(UnreadableFile) {
      switch try surroundings.weights(name) {
      case .json(let content): bytes = content
      case .voxels(let weights, let lengths): return element(of: weights, lengths: lengths, line: line)
      }
    } catch {
      issues.report(error.sentence(about: shownName), at: path, line: line)
      return nil
    }
    do throws(KernelProblem) {
      return try element(in: bytes, hidingTexts: issues.hidesTexts).node
    } catch {
      for sentence in error.sentences { issues.report("\(shownName): \(sentence)", at: path, line: line) }
      return nil
    }
  }
}

// MARK: - Scans of weights

extension KernelFilter {
  /// The element that a job would hold, had somebody written the voxels into it.
  private static func element(of voxels: [Double], lengths: [Int], line: Int) -> JSONNode {
    func node(_ value: JSONValue) -> JSONNode { JSONNode(value, line: line, column: 1) }
    var nodes = voxels.map { node(.number("\($0)")) }
    for length in lengths {
      nodes = stride(from: 0, to: nodes.count, by: length).map { node(.array(Array(nodes[$0..<$0 + length]))) }
    }
    return node(.object(nodes.prefix(1).map { JSONMember(key: "weights", line: line, column: 1, node: $0) }))
  }
}

extension JSONNode {
  /// The members of a job's element without `file`, and those of the file's element that it does not have.
  fileprivate func filled(from other: JSONNode) -> JSONNode {
    let own = (members ?? []).filter { $0.key != "file" }
    let keys = Set(own.map(\.key))
    let added = (other.members ?? []).filter { !keys.contains($0.key) }
    return JSONNode(.object(own + added), line: line, column: column)
  }
}
