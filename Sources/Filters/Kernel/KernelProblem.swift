import StrictJSON

/// All that is wrong with what should describe a kernel, as sentences.
package struct KernelProblem: Error, Equatable, Sendable {
  package let sentences: [String]

  init(_ sentences: [String]) { self.sentences = sentences }

  init(_ sentence: String) { sentences = [sentence] }

  init(_ issues: JSONIssues) { sentences = issues.all.map(\.description) }
}
