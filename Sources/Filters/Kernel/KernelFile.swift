import Kernels
import StrictJSON
import Volumes

// A kernel in a file of its own: one element of `filters`, read by `"file"` and by `medfilter kernel`.

extension KernelFilter {
  /// An element, with the keys of the file that it names filled in.
  package static func read(
    _ node: JSONNode, at path: JSONPath, _ issues: JSONIssues, files: KernelFiles
  ) -> KernelFilter? {
    var element = node
    if let file = node["file"], file.string != nil, node["weights"] == nil {
      guard let name = fileKey.kind.read(file, path.appending("file"), issues) else { return nil }
      guard let content = readFile(name, at: path.appending("file"), line: file.line, issues, files) else { return nil }
      element = node.filled(from: content)
    }
    return ObjectReader(element, at: path, form: form, issues).flatMap { KernelFilter($0) }
  }

  /// Defaults stay out beside `file`: written into the job they would win over what the file says.
  package static func restate(_ node: JSONNode, _ discretion: Discretion) -> JSONOutput {
    form.restate(node, discretion, fillsDefaults: node["file"] == nil)
  }

  /// What `medfilter kernel FILE` looks at: asymmetric weights need no mode there.
  package static func decode(_ bytes: [UInt8]) -> Result<KernelFilter, KernelFileProblem> {
    do throws(JSONSyntaxError) {
      let issues = JSONIssues()
      let kernel = check(try JSONReader.parse(bytes), issues)
      return kernel.map { .success($0) } ?? .failure(KernelFileProblem(sentences: issues.all.map(\.description)))
    } catch {
      return .failure(KernelFileProblem(sentences: [error.description]))
    }
  }

  private static func check(_ node: JSONNode, _ issues: JSONIssues) -> KernelFilter? {
    guard let object = ObjectReader(node, at: .root, form: fileForm, issues) else { return nil }
    _ = object.read(optionalNameKey)
    let kernel = KernelFilter(object, requiresMode: false)
    return object.isSound ? kernel : nil
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
    _ name: String, at path: JSONPath, line: Int, _ issues: JSONIssues, _ files: KernelFiles
  ) -> JSONNode? {
    let content = contents(name, files)
    switch content {
    case .success(let node): return node
    case .failure(let problem):
      for sentence in problem.sentences { issues.report("\(name.quoted): \(sentence)", at: path, line: line) }
      return nil
    }
  }

  /// The file's own errors are found in the file, where their lines are.
  private static func contents(_ name: String, _ files: KernelFiles) -> Result<JSONNode, KernelFileProblem> {
    let bytes: [UInt8]
    do throws(UnreadableFile) {
      bytes = try files(name)
    } catch {
      return .failure(KernelFileProblem(sentences: ["cannot be read: \(error.reason)"]))
    }
    do throws(JSONSyntaxError) {
      let node = try JSONReader.parse(bytes)
      let issues = JSONIssues()
      guard check(node, issues) != nil else {
        return .failure(KernelFileProblem(sentences: issues.all.map(\.description)))
      }
      return .success(node)
    } catch {
      return .failure(KernelFileProblem(sentences: [error.description]))
    }
  }
}

/// All that is wrong with a kernel file.
package struct KernelFileProblem: Error, Equatable, Sendable {
  package let sentences: [String]
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
