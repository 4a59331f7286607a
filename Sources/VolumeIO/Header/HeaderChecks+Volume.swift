import Volumes

/// NIfTI files that hold no volume: their values lie on surfaces or in tables, and a neighbour in the file is none in space.
/// They are refused by name under every policy: a filter would change their numbers and mean nothing.
extension HeaderChecks {
  /// What the header's own fields say, before the grid is read: some of these have none.
  func requireVolume() throws(ScanFailure) {
    // FreeSurfer's load_nifti: too many vertices for the 16 bits of dim[1], so the length is in glmin.
    if version == .one, fields.integer(.dim, 1) == -1, fields.integer(.glMin) > 0 {
      throw .noVolume("values on a FreeSurfer surface of \(fields.integer(.glMin)) vertices", Self.surfaces)
    }
    let intent = fields.integer(.intentCode)
    if (3000...3099).contains(intent) { throw .noVolume("CIFTI (intent_code \(intent))", Self.cifti) }
    if let what = Self.surfaceIntents[intent] { throw .noVolume("\(what) (intent_code \(intent))", Self.surfaces) }
  }

  /// What the grid and the extensions say.
  func requireVolume(_ grid: Grid, _ extensions: [HeaderExtension]) throws(ScanFailure) {
    if extensions.contains(where: { $0.code == Self.ciftiExtension }) {
      throw .noVolume("CIFTI (an extension with code \(Self.ciftiExtension))", Self.cifti)
    }
    let (i, j, k) = (grid.shape.i, grid.shape.j, grid.shape.k)
    // FreeSurfer splits 163,842 vertices into 27307×1×6, because 16 bits are too few for them.
    if j == 1, k == 1 || k == 6, Self.vertices.contains(i * k) {
      throw .noVolume("values on a FreeSurfer surface of \(i * k) vertices, as \(grid.shape)", Self.surfaces)
    }
  }

  private static let ciftiExtension: Int32 = 32
  /// Of the icosahedra that hemispheres are resampled to.
  private static let vertices: Set = [2562, 10242, 40962, 163842]

  private static let surfaceIntents = [
    1008: "points of a surface", 1009: "triangles of a surface", 2002: "node indices of a surface",
    2005: "values on a surface",
  ]
  private static let cifti = "split it into volumes and surfaces first, with wb_command -cifti-separate"
  private static let surfaces = "smooth it along its surface, with FreeSurfer or wb_command, or exclude it"
}

extension ScanFailure {
  /// A file that is sound and has no voxels in space.
  package static func noVolume(_ found: String, _ advice: String) -> ScanFailure {
    ScanFailure(.notAVolume, .header, "content", expected: "a volume", found: found, advice: advice)
  }
}
