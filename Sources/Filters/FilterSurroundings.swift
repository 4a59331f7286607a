/// What reading a job's filters takes beside the job's text: files that it names, and whether somebody wants to stop.
package struct FilterSurroundings: Sendable {
  /// Reads the weights in a file. The caller knows which folder relative names start from.
  package let weights: @Sendable (String) throws(UnreadableFile) -> KernelContent
  /// Makes sure that a scan which filters name can be read, so that one error tells what would fail scan after scan.
  package let scan: @Sendable (ScanBeside) throws(UnreadableFile) -> Void
  /// Asked several times a second while a kernel is taken apart, which can take minutes. What is read after that is
  /// worth nothing.
  package let isStopped: @Sendable () -> Bool

  /// - Parameter scan: By default nobody looks whether the scans are there, because nobody will need them.
  package init(
    weights: @escaping @Sendable (String) throws(UnreadableFile) -> KernelContent,
    scan: @escaping @Sendable (ScanBeside) throws(UnreadableFile) -> Void = { _ throws(UnreadableFile) in },
    isStopped: @escaping @Sendable () -> Bool = { false }
  ) {
    self.weights = weights
    self.scan = scan
    self.isStopped = isStopped
  }
}

/// What a file of weights holds.
package enum KernelContent: Sendable {
  /// The bytes of a JSON object.
  case json([UInt8])
  /// The voxels of a scan, finite, i fastest; as many lengths as it has axes, 1 to 3.
  case voxels([Double], lengths: [Int])
}

/// Why a file beside the job is of no use.
package struct UnreadableFile: Error, Sendable {
  private let reason: String
  private let isOpen: Bool

  /// - Parameter reason: `no such file`
  package static func cannotOpen(_ reason: String) -> UnreadableFile { UnreadableFile(reason: reason, isOpen: false) }

  /// - Parameter reason: `expected one volume, found 8`
  package static func unfit(_ reason: String) -> UnreadableFile { UnreadableFile(reason: reason, isOpen: true) }

  /// - Parameter name: The file's, as a message may show it.
  package func sentence(about name: String) -> String {
    isOpen ? "\(name): \(reason)" : "cannot open \(name): \(reason)"
  }
}

/// Somebody asked to stop.
struct Stopped: Error {}
