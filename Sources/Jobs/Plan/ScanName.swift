/// What a file name says about a scan: its stem and how it claims to be stored.
package struct ScanName: Hashable, Sendable {
  package enum Kind: Hashable, Sendable { case single, header, image }

  /// The file name without folder and without the endings below.
  package let stem: String
  package let kind: Kind
  /// The ending of the codec as written, with its dot: ".gz", ".zst" or nothing.
  package let codec: String

  /// `nil` when the name is not one of `.nii`, `.hdr`, `.img`, each plain, `.gz` or `.zst`; case does not matter.
  package init?(fileName: String) {
    var rest = Substring(fileName)
    var codec = ""
    for ending in [".gz", ".zst"] where rest.lowercased().hasSuffix(ending) && codec.isEmpty {
      codec = String(rest.suffix(ending.count))
      rest = rest.dropLast(ending.count)
    }
    let kinds: [(String, Kind)] = [(".nii", .single), (".hdr", .header), (".img", .image)]
    guard let (ending, kind) = kinds.first(where: { rest.lowercased().hasSuffix($0.0) }) else { return nil }
    let stem = String(rest.dropLast(ending.count))
    guard !stem.isEmpty else { return nil }
    self.stem = stem
    self.kind = kind
    self.codec = codec
  }
}
