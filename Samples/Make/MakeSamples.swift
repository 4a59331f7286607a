import VolumeIO
import Volumes

/// Makes the sample scans anew: a head at rest, a series of it, and the mask of its brain. No patient stands behind them.
///
///     swift run -c release MakeSamples Samples
///
/// Every number comes from a fixed seed and from arithmetic that all machines round alike.
@main
struct MakeSamples {
  static func main() throws {
    let folder = CommandLine.arguments.dropFirst().first ?? "Samples"
    let subject = "\(folder)/archive/sub-01"
    try anatomy().write("\(subject)/anat/sub-01_T1w.nii.gz", as: .niiGzip)
    try series().write("\(subject)/func/sub-01_task-blink_bold.nii", as: .nii)
    try brainMask().write("\(folder)/masks/sub-01_task-blink_mask.nii.gz", as: .niiGzip)
  }

  /// 64×80×36 voxels, thicker than wide, as clinical scans are.
  private static func anatomy() throws -> SampleScan {
    let grid = try Grid(64, 80, 36, spacing: Spacing(2.5, 2.5, 4))
    var noise = RicianNoise(deviation: 18, seed: 1)
    let voxels = grid.sample(Phantom.t1Weighted).map { noise.added(to: $0) }
    return SampleScan(grid: grid, frames: [voxels], voxelType: .int16)
  }

  /// Ten frames every two seconds, stored with a slope; the back of the head brightens in two of five frames.
  private static func series() throws -> SampleScan {
    let grid = try seriesGrid()
    var noise = RicianNoise(deviation: 10, seed: 2)
    let frames = (0..<10).map { frame in
      grid.sample(Phantom.t2StarWeighted(isActive: frame % 5 > 2)).map { noise.added(to: $0) }
    }
    let scaling = Scaling(slope: 0.25, intercept: 0)
    return SampleScan(grid: grid, frames: frames, voxelType: .int16, scaling: scaling, frameSeconds: 2)
  }

  private static func brainMask() throws -> SampleScan {
    let grid = try seriesGrid()
    let inside = grid.sample(Phantom.brain).map { $0 >= 0.5 ? 1.0 : 0.0 }
    return SampleScan(grid: grid, frames: [inside], voxelType: .uint8)
  }

  private static func seriesGrid() throws -> Grid { try Grid(28, 34, 14, spacing: Spacing(6, 6, 9)) }
}
