import CHotLoops
import Kernels
import Volumes

/// How a rank stage cuts frames, and the working memory that a lane needs for it. It is known from the shape alone.
package struct RankSize: Sendable {
  /// Strips and the ring of extended lines; the lines have some voxels of room behind them.
  let ring: DenseSize
  /// Voxels that run through the network together, and how many a register has.
  let segment: Int
  let registerLength: Int
  let places: Int
  let registers: Int
  /// Voxels of the neighbourhood, each with a vector of keys.
  let keys: Int
  package let scratchBytes: Int

  /// What the widest vectors read beyond the last voxel, in bytes.
  static let roomBytes = 64
  /// Half of a first-level cache: registers that do not fit are slower.
  static let cacheBytes = 24 * 1024

  init<S>(_ plan: RankPlan, shape: Shape, scalar: S.Type, tiling: Tiling) {
    let bytes = MemoryLayout<S>.stride
    let room = RankSize.roomBytes / bytes
    let box = plan.neighbourhood.shape
    let wide = Shape(i: box.i + room, j: box.j, k: box.k) ?? box
    ring = DenseSize(shape: shape, kernel: wide, scalar: S.self, tiling: tiling)
    registers = plan.network?.registers ?? 0
    let fitting = RankSize.cacheBytes / bytes / max(registers, 1)
    segment = min(shape.i, max(64, min(fitting / room * room, 1024)) * 4 / bytes)
    registerLength = (segment + box.i - 1 + 2 * room) / room * room
    places = (plan.network?.inputs ?? 0) + registers
    keys = plan.offsets.count
    var size = ScratchSize()
    size.add(box.k.multipliedSaturating(by: ring.height + box.j - 1), of: UnsafeRawPointer.self)
    size.add(places, of: UnsafeRawPointer.self)
    size.add(registers.multipliedSaturating(by: registerLength), of: S.self)
    size.add(keys.multipliedSaturating(by: RankSize.roomBytes), of: UInt8.self)
    scratchBytes = size.bytes.addingSaturating(ring.scratchBytes)
  }
}

/// What a rank filter does, whatever the frame.
struct RankPlan: Sendable {
  let neighbourhood: RankNeighbourhood
  let offsets: [chotloops_offset]
  /// The place that is selected among n present voxels, for n from 0 to all of them.
  let ranks: [Int32]
  /// `nil` where it would be longer than a search.
  let network: RankNetwork?

  /// Exchanges per voxel; a search looks at each voxel of the neighbourhood once for each bit.
  var exchanges: Int { network.map { $0.exchanges.count / max(1, $0.outputs) } ?? 32 * offsets.count }

  /// The largest neighbourhoods that have networks. A search takes 1.6 ns for each of their voxels (AVX-512, Float);
  /// a network takes 0.7 ns for each of a box of 343, which share more, and 1.3 ns for each of a ball of 257.
  private static let mostOfBox = 800, mostOfBall = 400

  init(_ neighbourhood: RankNeighbourhood, rank: Rank) {
    self.neighbourhood = neighbourhood
    offsets = neighbourhood.places.map { chotloops_offset(slice: Int32($0.k), line: Int32($0.j), shift: Int32($0.i)) }
    ranks = (0...offsets.count).map { Int32(rank.place(among: $0)) }
    let most = neighbourhood.isBox ? RankPlan.mostOfBox : RankPlan.mostOfBall
    network = offsets.count <= most ? RankNetwork(neighbourhood, rank: rank) : nil
  }
}
