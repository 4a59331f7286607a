/// All that is wrong with what should describe a kernel, as sentences.
package struct KernelProblem: Error, Equatable, Sendable {
  package let sentences: [String]

  package init(_ sentences: [String]) { self.sentences = sentences }

  package init(_ sentence: String) { sentences = [sentence] }
}
