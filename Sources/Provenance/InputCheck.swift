import ByteStreams
import DurableIO
import Glibc
import StrictJSON
import Volumes

/// Compares the inputs that a log names with what it says of them.
struct InputCheck {
  private(set) var inputs = 0
  private(set) var problems: [Problem] = []
  private(set) var warnings: [Problem] = []
  private let options: LogVerifier.Options
  private let log: OpenFolder
  private var policies: [KeptPart: LinkPolicy] = [:]

  /// - Parameters:
  ///   - path: of the folder that the inputs lie in.
  ///   - log: the folder of the log, in which parts of its records lie.
  /// - Throws: when the folder cannot be opened.
  init(
    _ history: LogHistory, beneath path: String, log: OpenFolder, options: LogVerifier.Options
  ) throws(DurableFailure) {
    (self.options, self.log) = (options, log)
    let root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { throw DurableFailure(.openFolder, errno, path) }
    defer { close(root) }
    var seen: Set<RecordedFile> = []
    var skipped = 0
    for entry in history.inOrder {
      for input in entry.record.inputs where input.isOfScan && seen.insert(input).inserted {
        let links = links(of: entry)
        if input.isNameHidden, options.inputPaths == nil {
          skipped += 1
        } else if let name = input.isNameHidden ? options.inputPaths?(input.name, links) : input.name {
          check(input, in: name, entry, root: root, path: path, links: links)
        } else {
          report(.inputMissing, entry, input, found: "no file whose name has this keyed hash")
        }
      }
    }
    guard skipped > 0 else { return }
    warnings.append(
      Problem(.notCompared, line: nil, expected: "the key of the names", found: "none for \(skipped) inputs"))
  }

  /// As the job that read the input had it; a log that does not say gets the narrower meaning.
  private mutating func links(of entry: LogHistory.Entry) -> LinkPolicy {
    if let links = options.inputLinks { return links }
    guard let resolved = entry.run?["resolved"] else { return .withinRoot }
    guard let part = KeptPart(resolved) else { return Self.links(in: resolved) }
    if let known = policies[part] { return known }
    let links = (try? part.node(beneath: log)).map(Self.links) ?? .withinRoot
    policies[part] = links
    return links
  }

  private static func links(in job: JSONNode) -> LinkPolicy {
    job["input"]?["symlinks"]?.string == LinkPolicy.follow.rawValue ? .follow : .withinRoot
  }

  private mutating func check(
    _ input: RecordedFile, in name: String, _ entry: LogHistory.Entry, root: Int32, path: String, links: LinkPolicy
  ) {
    inputs += 1
    do {
      let (source, place) = try FileSource.recorded(name, beneath: path, root: root, links: links)
      let found = try source.finish()
      guard found == input.sha256 else { return report(.inputChanged, entry, input, found: "SHA-256 \(found)") }
      guard let voxels = options.voxels else { return }
      if let problem = entry.voxelProblem(of: input, in: place, beneath: path, voxels) {
        problems.append(problem)
      }
    } catch {
      report(.inputMissing, entry, input, found: "\(error)")
    }
  }

  private mutating func report(
    _ kind: Problem.Kind, _ entry: LogHistory.Entry, _ file: RecordedFile, found: String
  ) {
    problems.append(entry.problem(kind, file, found: found))
  }
}

extension FileSource {
  /// Opens a file that a log names. A link is followed within the root, also one that says an absolute path into it, as a
  /// run follows it; out of the root only where the policy says so.
  ///
  /// - Returns: the file, and the path below the root that it was opened by.
  fileprivate static func recorded(
    _ name: String, beneath path: String, root: Int32, links: LinkPolicy
  ) throws(ScanFailure) -> (FileSource, String) {
    do {
      return (try FileSource(root: root, path: name, links: links), name)
    } catch {
      guard error.failureClass == .symbolicLink, links == .withinRoot, let top = resolvedPath(path),
        let target = resolvedPath("\(path)/\(name)"), target.hasPrefix("\(top)/")
      else { throw error }
      let inside = String(target.dropFirst(top.count + 1))
      return (try FileSource(root: root, path: inside, links: .withinRoot), inside)
    }
  }

  private static func resolvedPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(validatingCString: resolved)
  }
}
