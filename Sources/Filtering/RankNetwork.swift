import CHotLoops
import Volumes

/// The exchanges that select the results of some neighbouring output lines, in order, with a register for each number.
struct RankNetwork: Sendable {
  let exchanges: [chotloops_exchange]
  /// One for each output line.
  let selected: [chotloops_selected]
  /// Input lines: line y of slice z of what the outputs meet is number z · (outputs + j − 1) + y.
  let inputs: Int
  let registers: Int

  var outputs: Int { selected.count }

  init(_ neighbourhood: RankNeighbourhood, rank: Rank) {
    let places = neighbourhood.places
    let outputs = RankNetwork.outputs(neighbourhood, voxels: places.count)
    let height = outputs + neighbourhood.shape.j - 1
    var selection = RankSelection(rank: rank.place(among: places.count), of: places.count)
    let overlaps = neighbourhood.isBox && selection.isExtreme
    let results = (0..<outputs).map { output in
      let tree = RankTree(neighbourhood, firstLine: output, linesPerSlice: height, overlaps: overlaps)
      let whole = tree.whole(&selection.graph)
      return selection.selected(from: whole)
    }
    var scheduling = RankSchedule(selection.graph, results: results, inputs: height * neighbourhood.shape.k)
    scheduling.run()
    exchanges = scheduling.exchanges
    selected = scheduling.selected
    inputs = scheduling.inputs
    registers = scheduling.registers
  }

  /// How many output lines run together: few where networks are long, because they share less than they cost.
  private static func outputs(_ neighbourhood: RankNeighbourhood, voxels: Int) -> Int {
    guard neighbourhood.shape.j > 1 else { return 1 }
    return voxels <= 32 ? 6 : voxels <= 130 ? 4 : voxels <= 400 ? 2 : 1
  }
}

/// The order in which the voxels of a neighbourhood are merged: along k, then along j, then along i.
///
/// Some neighbours are halved at the largest power of two, so that the halves of neighbouring results are the same ones.
private struct RankTree {
  let neighbourhood: RankNeighbourhood
  let firstLine: Int
  let linesPerSlice: Int
  /// The halves may overlap: for the smallest and the largest one it does not matter who is asked twice.
  let overlaps: Bool

  init(_ neighbourhood: RankNeighbourhood, firstLine: Int, linesPerSlice: Int, overlaps: Bool) {
    self.neighbourhood = neighbourhood
    self.firstLine = firstLine
    self.linesPerSlice = linesPerSlice
    self.overlaps = overlaps
  }

  func whole(_ graph: inout ExchangeGraph) -> RankSelection.Tree {
    let size = neighbourhood.shape
    let planes = (0..<size.i).compactMap { i in
      join((0..<size.j).compactMap { j in column(i, j, &graph) })
    }
    // The voxel itself is always there.
    return join(planes) ?? .leaf(graph.input(line: firstLine, shift: 0))
  }

  private func column(_ i: Int, _ j: Int, _ graph: inout ExchangeGraph) -> RankSelection.Tree? {
    let inside = (0..<neighbourhood.shape.k).filter { neighbourhood.contains(i, j, $0) }
    return join(inside.map { .leaf(graph.input(line: $0 * linesPerSlice + firstLine + j, shift: i)) })
  }

  private func join(_ parts: [RankSelection.Tree]) -> RankSelection.Tree? {
    guard parts.count > 1 else { return parts.first }
    var half = 1
    while 2 * half < parts.count { half *= 2 }
    let rest = overlaps ? parts.suffix(half) : parts.dropFirst(half)
    guard let first = join(Array(parts.prefix(half))), let second = join(Array(rest)) else { return parts.first }
    return .join(first, second)
  }
}
