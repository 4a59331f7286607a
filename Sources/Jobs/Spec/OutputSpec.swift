import Filters
import StrictJSON
import VolumeIO
import Volumes

/// Where a job's results go, and in which form.
package struct OutputSpec: Sendable {
  package let root: String
  /// The name of an output without its extension; placeholders stand for parts of the input's.
  package let name: String
  package let format: OutputFormat
  /// Within the range of the format; 0 where nothing is compressed.
  package let level: Int
  package let voxelType: OutputVoxelType
  package let onExists: ExistingOutput
  /// Where `root` stands in the job file, for messages.
  let rootLine: Int
}

extension OutputSpec {
  init?(_ object: ObjectReader) {
    let root = object.read(Self.rootKey)
    let name = object.read(Self.nameKey)
    let format = object.read(Self.formatKey)
    let level = object.read(Self.levelKey)
    let voxelType = object.read(Self.voxelTypeKey)
    let onExists = object.read(Self.onExistsKey)
    guard object.isSound, let root, let name, let format, let voxelType, let onExists else { return nil }
    self.init(
      root: root, name: name, format: format, level: format == .nii ? 0 : level ?? format.defaultLevel,
      voxelType: voxelType, onExists: onExists, rootLine: object.line(of: "root"))
  }

  /// What decides the bytes of an output; as for `PolicySpec`.
  var recipeParts: [String] {
    let all = OutputSpec(
      root: root, name: name, format: format, level: level, voxelType: voxelType, onExists: onExists, rootLine: rootLine
    )
    return [all.format.rawValue, "\(all.level)", all.voxelType.name]
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
    "name", .outputName, .byDefault("{stem}"),
    "The outputs' name without extension. `{stem}` is the input's name without its extension; `{entities}`, "
      + "`{entity:sub}` and `{suffix}` are parts of a BIDS name.")
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
