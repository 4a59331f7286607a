import CHotLoops
import Glibc

/// The vector instructions that the hot loops use. It changes how long they take, never a bit of what they make.
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

  /// The chosen one, for those who run before anybody refuses a choice that this processor lacks; then the slowest.
  package static let preferred = (try? chosen()) ?? available[0]

  /// The tables of its loops.
  package var variant: chotloops_variant { chotloops_variant_at(index).pointee }
}

/// This processor cannot run what `MEDFILTER_ISA` asks for.
package struct UnknownInstructionSet: Error, Equatable {
  package let asked: String
  package let available: [String]
}

extension UnknownInstructionSet: CustomStringConvertible {
  package var description: String {
    "MEDFILTER_ISA: expected \(available.joined(separator: ", ")), found \"\(asked)\""
  }
}
