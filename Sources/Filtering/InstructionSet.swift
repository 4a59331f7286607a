import CHotLoops
import Glibc
import Volumes

/// The vector instructions that the hot loops use. It changes how long a filter takes, never a bit of its result.
package struct InstructionSet: Sendable, Hashable {
  /// `baseline`, `avx2` or `avx512`.
  package let name: String
  private let index: Int

  /// What this processor can run, the slowest first.
  package static var available: [InstructionSet] {
    (0..<chotloops_variant_count()).map { index in
      InstructionSet(name: String(cString: chotloops_variant_at(index).pointee.name), index: index)
    }
  }

  /// The fastest one, or the one that the environment variable `MEDFILTER_ISA` asks for.
  package static func chosen(
    environment forced: String? = getenv("MEDFILTER_ISA").map { String(cString: $0) }
  ) throws(UnknownInstructionSet) -> InstructionSet {
    let available = available
    let wanted = forced.map { name in available.first { $0.name == name } } ?? available.last
    guard let wanted else {
      throw UnknownInstructionSet(asked: forced ?? "", available: available.map(\.name))
    }
    return wanted
  }

  /// The hot loops for a scalar.
  func loops<S: ComputeScalar>(for scalar: S.Type) -> Loops {
    let variant = chotloops_variant_at(index).pointee
    return Loops(table: MemoryLayout<S>.size == MemoryLayout<Float>.size ? variant.float32 : variant.float64)
  }
}
