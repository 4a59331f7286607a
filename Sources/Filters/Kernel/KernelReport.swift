import Kernels
import StrictJSON
import Volumes

extension PlacedKernel {
  /// The document of `medfilter kernel --json`. The terms' outer products sum to the weights as they are written.
  package var report: JSONOutput {
    .object([
      ("size", .array(weights.shape.lengths.array.map { .int($0) })),
      ("integer", .bool(isInteger)),
      ("rank", .int(rank)),
      ("singular_values", .array(singularValues.map { .double($0) })),
      ("method", .string(method.rawValue)),
      ("terms", .array(terms.map(write))),
      ("bound", .double(bound)),
      ("multiplies_before", .int(multipliesBefore)),
      ("multiplies_after", .int(multipliesAfter)),
    ])
  }

  /// Taps of integers are written as integers. An axis without a pass has the single weight 1.
  private func write(_ term: PerAxis<Taps?>) -> JSONOutput {
    .object(
      Axis.allCases.map { axis in
        let taps = term[axis]?.weights ?? [1]
        return (
          axis.name, .array(taps.map { isInteger ? Int(exactly: $0).map { .int($0) } ?? .double($0) : .double($0) })
        )
      })
  }
}
