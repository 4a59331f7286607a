import Filtering
import StrictJSON
import Volumes

/// Publishes what stands at its place of the chain as one more output.
package struct SaveFilter: Filter {
  package static let name = "save"
  package static let summary =
    "Publishes the voxels that come to it as one more output of each scan, in the job's format, and passes them on."

  private let output: String

  package init?(_ object: ObjectReader) {
    guard let output = object.read(Self.outputKey), object.isSound else { return nil }
    self.output = output
  }

  package var savesAs: String? { output }

  package func plan(for grid: FilterGrid) -> FilterPlan { FilterPlan(nil) }

  package static let form = Form(keys: [nameKey, outputKey.declaration])

  private static let outputKey = Key<String>(
    "name", .outputName, .required,
    "The output's name without extension, with the placeholders of `output.name`; the input's subfolders are kept.")
}
