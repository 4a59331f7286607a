import VolumeIO

/// The form in which an output is stored.
package struct OutputForm: Sendable, Equatable {
  package var format: OutputFormat
  package var level: Int
  package var voxelType: OutputVoxelType

  package init(format: OutputFormat, level: Int, voxelType: OutputVoxelType) {
    self.format = format
    self.level = level
    self.voxelType = voxelType
  }
}

extension OutputSpec {
  var form: OutputForm { OutputForm(format: format, level: level, voxelType: voxelType) }
}
