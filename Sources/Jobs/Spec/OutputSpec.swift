import StrictJSON
import VolumeIO
import Volumes

/// Where a job's results go, and in which form.
package struct OutputSpec: Sendable {
  package let root: String
  /// The name of an output without its extension; `{stem}` stands for the input's.
  package let name: String
  package let format: OutputFormat
  /// Within the range of the format; 0 where nothing is compressed.
  package let level: Int
  package let voxelType: OutputVoxelType
  package let onExists: ExistingOutput
  /// Where `root` stands in the job file, for messages.
  let rootLine: Int

  init?(_ object: ObjectReader) {
    let root = object.read(Self.rootKey)
    let name = object.read(Self.nameKey)
    let format = object.read(Self.formatKey)
    let level = object.read(Self.levelKey)
    let voxelType = object.read(Self.voxelTypeKey)
    let onExists = object.read(Self.onExistsKey)
    guard object.isSound, let root, let name, let format, let voxelType, let onExists else { return nil }
    self.root = root
    self.name = name
    self.format = format
    self.level = format == .nii ? 0 : level ?? format.defaultLevel
    self.voxelType = voxelType
    self.onExists = onExists
    self.rootLine = object.line(of: "root")
  }

}

extension OutputFormat {
  /// The fastest level of ISA-L, and zstd's own default: both write faster than disks.
  package var defaultLevel: Int {
    switch self {
    case .nii: 0
    case .niiGzip: 1
    case .niiZstd: 3
    }
  }
}

/// How output voxels are stored.
package enum OutputVoxelType: Sendable, Equatable {
  /// As the input's, with its slope and intercept.
  case same
  case stored(VoxelType)
}

/// What to do where an output's name is taken by a file that is not an up-to-date output of this job.
package enum ExistingOutput: String, CaseIterable, Sendable { case refuse, replace }

// MARK: - Keys

extension OutputSpec {
  static let form = Form(
    keys: [
      rootKey.declaration, nameKey.declaration, formatKey.declaration, levelKey.declaration,
      voxelTypeKey.declaration, onExistsKey.declaration,
    ],
    rules: [
      .bounded("level", .from(1, to: 9), key: "format", is: OutputFormat.niiGzip.rawValue, isDefault: true),
      .bounded("level", .from(1, to: 19), key: "format", is: OutputFormat.niiZstd.rawValue, isDefault: false),
      .bounded("level", .from(0, to: 19), key: "format", is: OutputFormat.nii.rawValue, isDefault: false),
    ])

  private static let rootKey = Key<String>(
    "root", .path("the path of a folder"), .required,
    "The folder for outputs and their log; created when missing. It may lie inside `input.root`, not the reverse.")
  private static let nameKey = Key<String>(
    "name", .fileNameTemplate, .byDefault("{stem}"),
    "The outputs' name without extension; `{stem}` is the input's name without its extension.")
  private static let formatKey = Key<OutputFormat>(
    "format", .choice, .byDefault(.niiGzip), "Plain, gzip or Zstandard; also the extension of the outputs.")
  private static let levelKey = Key<Int>(
    "level", .integer(), .optional,
    "Compression level: 1 to 9 for `nii.gz` (default 1), 1 to 19 for `nii.zst` (default 3), without effect for `nii`.")
  private static let voxelTypeKey = Key<OutputVoxelType>(
    "voxel_type", .outputVoxelType, .byDefault(.stored(.float32)),
    "How voxels are stored; integers are rounded to the nearest, and values beyond their range clipped and counted.")
  private static let onExistsKey = Key<ExistingOutput>(
    "on_exists", .choice, .byDefault(.refuse),
    "What to do when an output's name is taken by another file. Outputs that are up to date are never redone.")
}

extension Kind where Value == OutputVoxelType {
  fileprivate static var outputVoxelType: Kind {
    let stored: [VoxelType] = [.uint8, .int16, .uint16, .int32, .float32, .float64]
    return .word([("same", .same)] + stored.map { ($0.rawValue, .stored($0)) })
  }
}

extension Kind where Value == String {
  fileprivate static var fileNameTemplate: Kind {
    let expected = "a file name without extension, such as \"{stem}_desc-smooth\""
    return Kind(
      expected: expected,
      schema: .object([
        ("type", .string("string")), ("pattern", .string("^(?!\\.)([^/{}\\u0000-\\u001f\\u007f]|\\{stem\\})+$")),
      ]),
      write: { .string($0) },
      restate: { node, discretion in discretion == .noPaths ? .string("<name>") : JSONOutput(node) }
    ) { node, path, issues in
      guard let text = node.string, !text.isEmpty else {
        issues.reportMismatch(expected, node, at: path)
        return nil
      }
      guard let problem = problem(ofTemplate: text) else { return text }
      issues.report("\(problem), found \(issues.shown(text))", at: path, line: node.line)
      return nil
    }
  }

  private static func problem(ofTemplate text: String) -> String? {
    let rest = text.replacing("{stem}", with: "")
    if rest.contains(where: { $0 == "{" || $0 == "}" }) { return "expected no placeholder but {stem}" }
    if text.contains("/") { return "expected a name without folders (those of the input are kept)" }
    if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      return "expected a name without control characters"
    }
    // Names that begin with a dot are hidden, and this program's own temporary files begin with one.
    if text.hasPrefix(".") { return "expected a name that does not begin with a dot" }
    if rest.utf8.count > 200 { return "expected at most 200 bytes beside {stem}" }
    let lowered = text.lowercased()
    let endings = [".nii", ".nii.gz", ".nii.zst", ".gz", ".zst", ".hdr", ".img"]
    return endings.contains { lowered.hasSuffix($0) } ? "expected a name without extension (\"format\" adds it)" : nil
  }
}
