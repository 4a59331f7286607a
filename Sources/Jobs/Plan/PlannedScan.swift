import Parallel
import VolumeIO
import Volumes

/// One scan of the plan: where it is, where its output goes, what will be done to it.
package struct PlannedScan: Sendable {
  /// Relative to the input root, as found.
  package let name: String
  /// Relative to the input root, to open.
  package let file: String
  /// Its name as logs may show it: itself, or a keyed hash.
  package let shownName: String
  /// What will be written: what comes out of the chain's end, then what the job saves on the way.
  package let outputs: [PlannedOutput]
  /// What the header says and which grid it belongs to, or why the scan cannot be done.
  package let content: Result<Content, ScanFailure>

  package struct Content: Sendable {
    package let facts: ScanFacts
    /// The scans that it brings along.
    let companions: [PlannedCompanion]
    /// Index into the plan's grids.
    package let grid: Int
    /// The memory for it, and how its chain gets on with that.
    package let room: ScanRoom

    /// Bytes of the voxels of each output, uncompressed.
    let outputBytes: [Int]

    /// Bytes of memory while the scan is worked on.
    package var memory: Int { room.memory }
  }

  /// Of the output behind the chain's end, relative to the output root; and as logs may show it.
  package var output: String { outputs[0].name }
  package var shownOutput: String { outputs[0].shownName }

  /// Over all frames; 0 for scans that cannot be read.
  package var voxels: Int { (try? content.get().facts.voxels) ?? 0 }

  var frames: Int { (try? content.get().facts.frames) ?? 0 }
}

/// One file that is made of a scan.
package struct PlannedOutput: Sendable, Hashable {
  /// Relative to the output root.
  package let name: String
  /// As logs may show it: itself, or a keyed hash.
  package let shownName: String
}

/// What planning needs of a header; the header itself is read again with the voxels.
package struct ScanFacts: Sendable {
  package let shape: Shape
  package let frames: Int
  /// How many spatial axes the file has, 1 to 3.
  package let dimensions: Int
  package let voxelType: VoxelType
  /// Memory that decompressing takes.
  package let decodingBytes: Int
  /// Who may read and write the scan.
  package let mode: UInt32
  /// Whether the file can hold as many voxels as its header says.
  let isBelievable: Bool
  package let spacing: Spacing
  package let affine: Affine
  /// Seconds from one frame to the next; 0 where the header does not say.
  package let timeStep: Double
  package let findings: [Finding]

  package init(_ reader: ScanReader, workers: Workers) {
    self.init(
      reader.header, decodingBytes: reader.scratchBytes(workers: workers), mode: reader.mode,
      isBelievable: reader.header.voxelBytes <= reader.mostVoxelBytes)
  }

  package init(_ header: ScanHeader, decodingBytes: Int = 0, mode: UInt32 = 0o666, isBelievable: Bool = true) {
    shape = header.shape
    frames = header.frames
    dimensions = min(3, header.dims.count)
    voxelType = header.voxelType
    self.decodingBytes = decodingBytes
    self.mode = mode
    self.isBelievable = isBelievable
    spacing = header.spacing
    affine = header.affine
    timeStep = header.timeStep
    findings = header.findings
  }

  package var voxels: Int { shape.count.multipliedSaturating(by: frames) }
}
