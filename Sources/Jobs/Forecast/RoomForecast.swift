import Provenance
import VolumeIO
import Volumes

/// How much a run would write, and how much fits.
package struct RoomForecast: Sendable {
  package enum Basis: String, Sendable {
    /// Plain outputs tell their size beforehand.
    case exact
    /// As earlier outputs of the job came out, byte by voxel.
    case recorded
    /// Before compression.
    case uncompressed
  }

  package let bytes: Int
  package let basis: Basis
  /// That the disk has for this user; nil when it does not say.
  package let free: Int?
  /// Why a run would not start, for want of room.
  package let obstacle: JobRefusal?

  init(for scans: [PlannedScan], of plan: JobPlan, _ history: LogHistory) {
    let plain = scans.reduce(0) { $0.addingSaturating(Self.plainBytes($1, plan)) }
    let voxels = scans.reduce(0) { $0.addingSaturating($1.voxels) }
    if plan.spec.output.format == .nii {
      (bytes, basis) = (plain, .exact)
    } else if let perVoxel = Self.bytesPerVoxel(of: plan, history) {
      (bytes, basis) = (min(plain, Int(clamping: Int64((Double(voxels) * perVoxel).rounded(.up)))), .recorded)
    } else {
      (bytes, basis) = (plain, .uncompressed)
    }
    free = FreeSpace.bytes(at: existingFolder(above: plan.outputRoot))
    do throws(JobRefusal) {
      try plan.requireRoom()
      obstacle = nil
    } catch {
      obstacle = error
    }
  }

  private static func plainBytes(_ scan: PlannedScan, _ plan: JobPlan) -> Int {
    guard let content = try? scan.content.get() else { return 0 }
    return content.outputBytes.reduce(0) { $0.addingSaturating($1).addingSaturating(352) }
  }

  private static func bytesPerVoxel(of plan: JobPlan, _ history: LogHistory) -> Double? {
    let ending = ".\(plan.spec.output.format.rawValue)"
    let outputs = history.outputs.values.filter { entry in
      entry.owner?.job == plan.spec.name && (entry.record.output.name.hasSuffix(ending) || plan.naming.keyID != nil)
    }
    let known = outputs.compactMap { entry in entry.effort.map { (entry.record.output.bytes, $0.voxels) } }
    let voxels = known.reduce(0) { $0.addingSaturating($1.1) }
    return voxels > 0 ? Double(known.reduce(0) { $0.addingSaturating($1.0) }) / Double(voxels) : nil
  }
}

/// The path itself, or what is there of it.
private func existingFolder(above path: String) -> String {
  var path = path
  while resolvedPath(path) == nil {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    if slash == path.startIndex { return "/" }
    path = String(path[..<slash])
  }
  return path
}
