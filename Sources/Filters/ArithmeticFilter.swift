import CHotLoops
import Filtering
import StrictJSON
import Volumes

/// Combines every voxel with a number, or with the voxel at its place in a second scan.
package protocol ArithmeticFilter: Filter {
  static var arithmetic: Arithmetic.Kind { get }
  var operand: Operand { get }
  init(operand: Operand)
}

package struct AddFilter: ArithmeticFilter {
  package static let name = "add"
  package static let summary = "Adds a number, or the voxels of a second scan."
  package static let arithmetic = Arithmetic.Kind.sum
  package let operand: Operand
  package init(operand: Operand) { self.operand = operand }
}

package struct SubtractFilter: ArithmeticFilter {
  package static let name = "subtract"
  package static let summary = "Subtracts a number, or the voxels of a second scan."
  package static let arithmetic = Arithmetic.Kind.difference
  package let operand: Operand
  package init(operand: Operand) { self.operand = operand }
}

package struct MultiplyFilter: ArithmeticFilter {
  package static let name = "multiply"
  package static let summary = "Multiplies by a number, or by the voxels of a second scan."
  package static let arithmetic = Arithmetic.Kind.product
  package let operand: Operand
  package init(operand: Operand) { self.operand = operand }
}

package struct DivideFilter: ArithmeticFilter {
  package static let name = "divide"
  package static let summary =
    "Divides by a number, or by the voxels of a second scan; x / 0 is infinite and 0 / 0 is NaN, as IEEE 754 has it."
  package static let arithmetic = Arithmetic.Kind.quotient
  package let operand: Operand
  package init(operand: Operand) { self.operand = operand }
}

/// The second number of an arithmetic filter.
package enum Operand: Hashable, Sendable {
  case number(Double)
  case scan(ScanBeside)
}

extension ArithmeticFilter {
  package init?(_ object: ObjectReader) {
    let value = object.read(ArithmeticKeys.value)
    let file = object.read(ArithmeticKeys.file)
    if Self.arithmetic == .quotient, value == 0 {
      object.report("expected a number other than 0, found 0", at: "value")
    }
    guard object.isSound else { return nil }
    if let value {
      self.init(operand: .number(value))
    } else if let file {
      self.init(operand: .scan(ScanBeside(key: "file", file: file, role: .operand)))
    } else {
      return nil
    }
  }

  package var scansBeside: [ScanBeside] { if case .scan(let scan) = operand { [scan] } else { [] } }

  package func plan(for grid: FilterGrid) -> FilterPlan {
    FilterPlan(Arithmetic(filter: Self.name, kind: Self.arithmetic, operand: operand))
  }

  package static var form: Form {
    Form(
      keys: [nameKey, ArithmeticKeys.value.declaration, ArithmeticKeys.file.declaration],
      rules: [.exactlyOne(["value", "file"])])
  }
}

private enum ArithmeticKeys {
  static let value = Key<Double>("value", .number(), .optional, "The number.")
  static let file = Key<String>(
    "file", .scanPattern, .optional,
    "The second scan, on the same grid; a 3-D scan serves every frame of a series. With placeholders, one for each scan."
  )
}

/// x ∘ y for every voxel x, one rounding each. Agrees with numpy in the type that the chain is computed in.
package struct Arithmetic: VoxelwiseOperation {
  package enum Kind: String, Sendable { case sum, difference, product, quotient }

  package let filter: String
  let kind: Kind
  let operand: Operand

  package init(filter: String, kind: Kind, operand: Operand) {
    (self.filter, self.kind, self.operand) = (filter, kind, operand)
  }

  package var reads: VoxelsRead {
    switch operand {
    case .number: .nothing
    case .scan(let scan): .values(scan.companion)
    }
  }

  package func numbers(in engine: Engine) -> NumericNeeds {
    guard case .number(let value) = operand else { return NumericNeeds() }
    switch kind {
    case .sum, .difference: return NumericNeeds(fitsFloat: FloatRange.holds(value))
    case .product: return NumericNeeds(gain: value.magnitude)
    case .quotient: return NumericNeeds(gain: 1 / value.magnitude, fitsFloat: FloatRange.holds(value))
    }
  }

  package func describe(in recipe: inout RecipeDigest) {
    switch operand {
    case .number(let value): recipe.add(kind.rawValue, [value])
    case .scan(let scan):
      recipe.add(kind.rawValue)
      recipe.add(scan.companion)
    }
  }

  package func change<S: ComputeScalar>(
    _ voxels: UnsafeMutablePointer<S>, _ count: Int, from first: Int, _ beside: VoxelsBeside<S>, _ loops: Loops
  ) {
    var value = 0.0
    if case .number(let number) = operand { value = number }
    var others: UnsafePointer<S>?
    if case .values(let values) = beside { others = values + first }
    withUnsafePointer(to: S(value)) { number in loops.call.combine(voxels, others, number, kind.code, count) }
  }
}

extension Arithmetic.Kind {
  fileprivate var code: chotloops_arithmetic {
    switch self {
    case .sum: chotloops_sum
    case .difference: chotloops_difference
    case .product: chotloops_product
    case .quotient: chotloops_quotient
    }
  }
}
