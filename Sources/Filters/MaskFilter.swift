import CHotLoops
import Filtering
import StrictJSON
import Volumes

/// Sets the voxels outside a mask to 0.
package struct MaskFilter: Filter {
  package static let name = "mask"
  package static let summary = "Keeps the voxels inside a mask and sets the others to 0."

  private let file: String

  package init?(_ object: ObjectReader) {
    guard let file = object.read(Self.fileKey), object.isSound else { return nil }
    self.file = file
  }

  package var scansBeside: [ScanBeside] { [scan] }

  private var scan: ScanBeside { ScanBeside(key: "file", file: file, role: .mask) }

  package func plan(for grid: FilterGrid) throws(ScanFailure) -> FilterPlan {
    FilterPlan(MaskOut(mask: try grid.mask(scan)))
  }

  package static let form = Form(keys: [nameKey, fileKey.declaration])

  private static let fileKey = Key<String>(
    "file", .scanPattern, .required, "The mask: a scan on the same grid; voxels above 0 are inside.")
}

/// Voxels outside the mask become 0.
package struct MaskOut: VoxelwiseOperation {
  package let mask: MaskSource

  package init(mask: MaskSource) { self.mask = mask }

  package var filter: String { MaskFilter.name }
  package var reads: VoxelsRead { .mask(mask) }

  package func numbers(in engine: Engine) -> NumericNeeds { NumericNeeds() }

  package func describe(in recipe: inout RecipeDigest) {
    recipe.add("mask")
    recipe.add(mask)
  }

  package func change<S: ComputeScalar>(
    _ voxels: UnsafeMutablePointer<S>, _ count: Int, from first: Int, _ beside: VoxelsBeside<S>, _ loops: Loops
  ) {
    guard case .inside(let inside) = beside else { return }
    loops.call.present(voxels, nil, voxels, inside + first, 0, count)
  }
}
