/// What an output keeps of the places in its input's header where anybody may write anything, a patient's name too.
package struct HeaderRetention: Sendable, Equatable {
  package enum Extensions: Sendable, Equatable {
    case keep, drop
    /// Those with one of these codes.
    case only(Set<Int32>)

    func keeps(_ item: HeaderExtension) -> Bool {
      switch self {
      case .keep: true
      case .drop: false
      case .only(let codes): codes.contains(item.code)
      }
    }
  }

  package enum TextFields: String, CaseIterable, Sendable { case keep, clear }

  package var extensions: Extensions
  package var textFields: TextFields

  package init(extensions: Extensions = .keep, textFields: TextFields = .keep) {
    self.extensions = extensions
    self.textFields = textFields
  }

  package static let all = HeaderRetention()

  package func kept(of extensions: [HeaderExtension]) -> [HeaderExtension] {
    extensions.filter(self.extensions.keeps)
  }
}

extension NIfTIVersion {
  /// Where a header holds text, or room that nobody uses any more and that used to be text: `data_type`, `db_name`,
  /// `descrip`, `aux_file`, `intent_name`; in NIfTI-2 also `unused_str`. Source: nifti1.h and nifti2.h of libnifti.
  var textPlaces: [Range<Int>] {
    switch self {
    case .one: [4..<14, 14..<32, 148..<228, 228..<252, 328..<344]
    case .two: [240..<320, 320..<344, 508..<524, 525..<540]
    }
  }
}

extension HeaderFields {
  /// Whole fields, not texts up to their first zero: what a longer text left behind it goes too.
  mutating func clearText() { version.textPlaces.forEach { clear($0) } }
}
