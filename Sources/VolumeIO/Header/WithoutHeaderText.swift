/// Holds a header's text or bytes, among them names of patients, which no description shows: not in an error message, not
/// in a debugger, not in `print` or `dump` of anything that holds it.
package protocol WithoutHeaderText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// What may be shown.
  var shownFacts: KeyValuePairs<String, Any> { get }
}

extension WithoutHeaderText {
  package var description: String {
    let facts = shownFacts.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    return "\(Self.self)(\(facts))"
  }

  package var debugDescription: String { description }

  package var customMirror: Mirror { Mirror(self, children: shownFacts, displayStyle: .struct) }
}

extension ScanHeader: WithoutHeaderText {
  package var shownFacts: KeyValuePairs<String, Any> {
    [
      "version": version.rawValue, "dims": dims, "voxelType": voxelType.rawValue, "spacing": spacing.array,
      "affine": affine.rows, "extensions": extensions.count,
    ]
  }
}

extension HeaderExtension: WithoutHeaderText {
  package var shownFacts: KeyValuePairs<String, Any> { ["code": code, "bytes": bytes] }
}

extension OutputHeader: WithoutHeaderText {
  package var shownFacts: KeyValuePairs<String, Any> {
    ["voxelType": voxelType.rawValue, "frames": frames, "bytes": bytes.count]
  }
}

extension HeaderFields: WithoutHeaderText {
  package var shownFacts: KeyValuePairs<String, Any> { ["version": version.rawValue, "bytes": bytes.count] }
}
