import Filtering
import StrictJSON
import Volumes

/// Keeps a box of each frame.
package struct CropFilter: Filter {
  package static let name = "crop"
  package static let summary =
    "Keeps a box of voxels; the affine moves with its first voxel, so that it stays in its place."

  private let start: PerAxis<Int>
  /// `nil` is all that is left.
  private let size: PerAxis<Int>?

  package init?(_ object: ObjectReader) {
    let start = object.read(Self.startKey)
    let size = object.read(Self.sizeKey)
    guard object.isSound else { return nil }
    self.start = start?.perAxis ?? PerAxis(all: 0)
    self.size = size?.perAxis
  }

  package func plan(for grid: FilterGrid) -> FilterPlan { FilterPlan(Crop(start: start, size: size)) }

  package static let form = Form(
    keys: [nameKey, startKey.declaration, sizeKey.declaration], rules: [.atLeastOne(["from_vox", "size_vox"])])

  private static let startKey = Key<ScalarOrTriple<Int>>(
    "from_vox", .scalarOrTriple(.integer(.from(0, to: .max)), element: .integer(.from(0, to: .max))), .optional,
    "The first voxel that is kept, counted from 0; without it, that is voxel 0.")
  private static let sizeKey = Key<ScalarOrTriple<Int>>(
    "size_vox", .scalarOrTriple(.integer(.from(1, to: .max)), element: .integer(.from(1, to: .max))), .optional,
    "How many voxels are kept; without it, all from the first on.")
}

/// A box of a frame.
struct Crop: Filtering.Operation {
  let start: PerAxis<Int>
  let size: PerAxis<Int>?

  var filter: String { CropFilter.name }

  /// - Throws: `E_GRID_MISMATCH` for a box that does not lie within the frame.
  func output(for layout: Layout) throws(ScanFailure) -> Layout {
    let lengths = size ?? PerAxis(Axis.i, .j, .k).map { max(0, layout.shape[$0] - min(start[$0], layout.shape[$0])) }
    let shape = Shape(i: lengths.i, j: lengths.j, k: lengths.k)
    let change = shape.flatMap {
      GridPlan.cropped(layout.shape, frames: layout.frames, spacing: layout.spacing, from: start, size: $0)
    }
    guard let change else {
      throw ScanFailure(
        .gridMismatch, .plan, "crop", expected: "a box within \(layout.shape) voxels",
        found: "from \(start.words), size \(lengths.words)", advice: "change from_vox or size_vox, or exclude the scan")
    }
    return layout.changed(by: change)
  }

  func scope(in engine: Engine) -> Scope { .frame }

  var companions: [Companion] { [] }

  var residentBytes: Int { 0 }

  func numbers(in engine: Engine) -> NumericNeeds { NumericNeeds() }

  func describe(in recipe: inout RecipeDigest) {
    recipe.add(
      "crop",
      start.array.map { Double($0) } + PerAxis(Axis.i, .j, .k).map { axis in size.map { Double($0[axis]) } }.array)
  }

  func cost<S: ComputeScalar>(for layout: Layout, in scalar: S.Type, _ engine: Engine) -> OperationCost {
    OperationCost()
  }

  func prepare<S: ComputeScalar>(
    for scalar: S.Type, at place: OperationPlace, _ engine: Engine
  ) throws(EngineFailure) -> PreparedOperation<S> {
    let shape: Shape
    do throws(ScanFailure) { shape = try output(for: place.layout).shape } catch {
      throw .gridMismatch(expected: place.layout.shape, found: place.layout.shape)
    }
    return .frames(BoxCopy<S>(start: start, shape: shape))
  }
}

extension PerAxis where Value == Int {
  fileprivate var words: String { array.map(String.init).joined(separator: "×") }
}

private struct BoxCopy<S: ComputeScalar>: FrameOperation {
  let start: PerAxis<Int>
  let shape: Shape

  func apply(to frame: Frame<S>, number: Int, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    let result: Frame<S>
    do { result = try Frame<S>(shape: shape) } catch { throw .outOfMemory(bytes: error.bytes) }
    let (from, start, shape) = (frame.shape, start, shape)
    try runner.engine.forEachPiece(of: shape.k) { _, k in
      for j in 0..<shape.j {
        let source = ((k + start.k) * from.j + j + start.j) * from.i + start.i
        (result.base + (k * shape.j + j) * shape.i).update(from: frame.base + source, count: shape.i)
      }
    }
    return result
  }
}
