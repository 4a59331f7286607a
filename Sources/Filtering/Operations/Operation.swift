import Volumes

/// One step of a chain, resolved for a grid: voxels, not mm; weights, not names.
///
/// A new kind of filter is a type that conforms to this, in a folder of its own under `Filters`. No requirement has a
/// default, so that forgetting one does not compile.
package protocol Operation: Sendable {
  /// The filter's name in the job file.
  var filter: String { get }

  /// What comes out of frames of a layout: shape, number of frames, spacing, affine and time step.
  ///
  /// - Throws: `E_KERNEL`, `E_GRID_MISMATCH` or `E_FMT_NOVOLUME` when the operation cannot work on such frames.
  func output(for layout: Layout) throws(ScanFailure) -> Layout

  /// How much of a series has to be in memory for one voxel of the result.
  func scope(in engine: Engine) -> Scope

  /// The scans of its own that each scan of the job brings, in the order in which `Companions` is asked for them.
  var companions: [Companion] { get }

  /// Bytes of voxels that the operation holds for as long as the job runs: masks of the whole job.
  var residentBytes: Int { get }

  /// What decides whether Float is enough.
  func numbers(in engine: Engine) -> NumericNeeds

  /// Everything that decides the voxels of the result, except the voxels that come in.
  func describe(in recipe: inout RecipeDigest)

  /// What it takes to apply it to frames of a layout, or to slabs of such frames. Allocates nothing, so that a plan may
  /// ask for ten thousand layouts, and saturates, because a header may claim more voxels than there is memory.
  func cost<S: ComputeScalar>(for layout: Layout, in scalar: S.Type, _ engine: Engine) -> OperationCost

  /// Computes whatever does not depend on the voxels.
  func prepare<S: ComputeScalar>(
    for scalar: S.Type, at place: OperationPlace, _ engine: Engine
  ) throws(EngineFailure) -> PreparedOperation<S>
}

/// How much of a series an operation sees when it computes one voxel.
package enum Scope: Hashable, Sendable {
  case voxel
  case neighbourhood(Halo)
  /// The whole frame; also of operations that put a frame on another grid.
  case frame
  /// One frame after the other, in their order; results come after the last.
  case frameAfterFrame
  /// All frames, at each voxel.
  case series
}

extension Scope {
  /// For programs.
  package var name: String {
    switch self {
    case .voxel: "voxel"
    case .neighbourhood: "neighbourhood"
    case .frame: "frame"
    case .frameAfterFrame: "frame_after_frame"
    case .series: "series"
    }
  }
}

/// What an operation sees beyond a voxel.
package struct Halo: Hashable, Sendable {
  /// Voxels on either side; the same on both, because a boundary turns what an operation asks for beyond the frame back
  /// into it.
  package let reach: PerAxis<Int>
  /// Whether the whole frame has to be there all the same: for a boundary that shows the other end, or because any voxel
  /// may decide how all others are filtered.
  package let needsWholeFrame: Bool

  package init(_ reach: PerAxis<Int>, needsWholeFrame: Bool = false) {
    self.reach = reach
    self.needsWholeFrame = needsWholeFrame
  }

  /// The axes along which it sees anything at all.
  package var axes: Set<Axis> { Set(Axis.allCases.filter { reach[$0] > 0 }) }
}

/// What decides whether an operation may be computed in Float.
package struct NumericNeeds: Sendable {
  /// How many times larger a voxel can become.
  package let gain: Double
  /// Whether all numbers that enter, and all on the way, are in the range that Float carries.
  package let fitsFloat: Bool
  /// Whether Float would lose digits that the operation promises.
  package let needsDouble: Bool

  package init(gain: Double = 1, fitsFloat: Bool = true, needsDouble: Bool = false) {
    self.gain = gain
    self.fitsFloat = fitsFloat
    self.needsDouble = needsDouble
  }
}

/// What an operation takes to filter one frame.
package struct OperationCost: Sendable {
  /// 1-D passes and dense filterings.
  package var passes = 0
  /// Fused multiply-adds per voxel, or comparisons.
  package var multipliesPerVoxel = 0
  /// Frames that are kept from one frame of the scan to the next.
  package var lastingFrames = 0
  /// Frames that are needed while the operation runs.
  package var frames = 0
  /// Frames that lie between two stages of the operation.
  package var betweens = 0
  /// Working memory of one lane.
  package var laneBytes = 0
  /// Other memory, kept from one frame to the next.
  package var lastingBytes = 0

  package init() {}
}

/// Where in a scan an operation is to work, and with what beside the frames.
package struct OperationPlace: Sendable {
  /// Of the frames that come in, each as a whole.
  package let layout: Layout
  /// The slices of each frame that the operation gets.
  package let slices: Range<Int>
  package let companions: any Companions
  /// Takes numbers that the operation chooses from the voxels.
  package let chosen: ChosenValues

  package init(
    layout: Layout, slices: Range<Int>? = nil, companions: any Companions = NoCompanions(),
    chosen: ChosenValues = ChosenValues()
  ) {
    self.layout = layout
    self.slices = slices ?? 0..<layout.shape.k
    self.companions = companions
    self.chosen = chosen
  }

  /// Of the frames, or parts of frames, that the operation gets.
  package var shape: Shape { layout.shape.cut(to: slices.count) ?? layout.shape }
}
