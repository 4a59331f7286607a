import VolumeIO

/// The form in which an output is stored.
package struct OutputForm: Sendable, Equatable {
  package var format: OutputFormat
  package var level: Int
  package var voxelType: OutputVoxelType
  package var retention: HeaderRetention

  package init(
    format: OutputFormat, level: Int, voxelType: OutputVoxelType, retention: HeaderRetention = .all
  ) {
    self.format = format
    self.level = level
    self.voxelType = voxelType
    self.retention = retention
  }
}

extension JobSpec {
  var outputForm: OutputForm {
    OutputForm(format: output.format, level: output.level, voxelType: output.voxelType, retention: policy.retention)
  }
}
