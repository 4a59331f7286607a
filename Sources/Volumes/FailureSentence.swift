/// Makes one sentence of the facts of a failure. Where a kind of failure has no words of its own, it tells what was expected
/// and what was found.
struct FailureSentence {
  let failure: ScanFailure

  private var subject: String { failure.subject }
  private var expected: String { failure.expected }
  private var found: String { failure.found }

  var text: String {
    let sentence = own ?? "\(subject): expected \(expected), found \(found)"
    return "\(failure.failureClass.rawValue): " + (failure.advice.map { "\(sentence); \($0)" } ?? sentence)
  }

  private var own: String? {
    switch failure.failureClass {
    case .truncated: tooShort
    case .gzipTruncated, .zstdTruncated: "the file ends within the \(subject)"
    case .gzipChecksum, .zstdChecksum: "the \(subject) does not fit the data\(checksums)"
    case .memoryLimit: memory
    case .emptyFile: "the \(subject) is empty"
    case .pairMissing: found == "none" ? "there is no \(bare(expected))" : nil
    case .unknownFormat: content
    case .symbolicLink: link
    case .notAFile: found.hasPrefix("a ") ? "the \(subject) is \(found), not \(expected)" : refused
    case .outputExists: found == "something else of that name" ? "\(found) as the output is there already" : nil
    default: refused
    }
  }
}

// MARK: - The kinds

extension FailureSentence {
  /// What the system did not let us do.
  private var refused: String? {
    switch expected {
    case "to open it", "leave to read it": "cannot open the \(subject): \(reason)"
    case "its size and times": "cannot look at the \(subject): \(reason)"
    case "to be read":
      "cannot read \(subject.hasPrefix("byte ") ? "the input at \(subject)" : "the \(subject)"): \(reason)"
    case "to read which scans it holds": "cannot read the \(subject): \(reason)"
    default: rest(of: expected, after: "to be able to ").map { "cannot \($0) the \(subject): \(reason)" }
    }
  }

  /// The system's reason in the middle of a sentence.
  private var reason: String {
    let text = found.split(separator: " (errno").first.map(String.init) ?? found
    if text == "No such file or directory" { return "no such file" }
    // Not `I/O` and its like.
    guard let second = text.dropFirst().first, second.isLowercase else { return text }
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  private var tooShort: String? {
    let parts = expected.split(separator: " ", maxSplits: 3)
    guard parts.count == 4, parts[1] == "bytes", parts[2] == "for" else { return nil }
    return "the file is too short: \(found), expected \(parts[0]) for \(parts[3])"
  }

  private var checksums: String {
    guard let stored = rest(of: expected, before: " (stored)"), let computed = rest(of: found, before: " (computed)")
    else { return "" }
    return ": \(stored) is stored, \(computed) was computed"
  }

  private var memory: String? {
    if let limit = rest(of: expected, after: "at most ").flatMap(bytes),
      let need = rest(of: found, after: "a need of ").flatMap(bytes)
    {
      // Two that are nearly equal are told to the byte.
      guard need != limit else {
        return
          "the scan needs \(found.dropFirst("a need of ".count)), the limit is \(expected.dropFirst("at most ".count))"
      }
      return "the scan needs \(need), the limit is \(limit)"
    }
    return bytes(expected).map { "the scan needs \($0) more memory than the system gives" }
  }

  private var content: String? {
    guard expected == "NIfTI-1 or NIfTI-2" else { return nil }
    return found == "something else"
      ? "the file is neither NIfTI-1 nor NIfTI-2" : "the file is \(found), neither NIfTI-1 nor NIfTI-2"
  }

  private var link: String? {
    switch found {
    case "one": "the \(subject) is a symbolic link, which the job does not let be followed"
    case "a link that leads out of it": "the \(subject) is a link that leads out of the input folder"
    case "one outside, or none": "the link leads out of input.root, or nowhere"
    default: nil
    }
  }
}

// MARK: - Pieces

extension FailureSentence {
  private func rest(of text: String, after prefix: String) -> String? {
    text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
  }

  private func rest(of text: String, before suffix: String) -> String? {
    text.hasSuffix(suffix) ? String(text.dropLast(suffix.count)) : nil
  }

  private func bare(_ noun: String) -> String {
    for article in ["the ", "a ", "an ", "one "] {
      if let rest = rest(of: noun, after: article) { return rest }
    }
    return noun
  }

  /// `66 MB` of `66060288 bytes`.
  private func bytes(_ text: String) -> String? {
    guard let number = rest(of: text, before: " bytes").flatMap({ Int($0) }), number >= 0 else { return nil }
    var (value, unit) = (Double(number), 0)
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"]
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    guard unit > 0 else { return "\(number) bytes" }
    let tenths = Int((value * 10).rounded(.up))
    return value < 10 && tenths % 10 != 0
      ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(Int(value.rounded(.up))) \(units[unit])"
  }
}
