import CHotLoops

/// Puts the numbers that lead to results in order, and gives each a register until its last use.
struct RankSchedule {
  private typealias Value = ExchangeGraph.Value

  let inputs: Int
  private(set) var exchanges: [chotloops_exchange] = []
  private(set) var selected: [chotloops_selected] = []
  private(set) var registers = 0

  private let nodes: [ExchangeGraph.Node]
  private let results: [ExchangeGraph.Value]
  /// How many voxels beyond the results a node is needed for; −1 is not at all.
  private var reach: [Int32]
  /// The node that is the other one of the same two numbers.
  private var twin: [Int32]
  private var uses: [Int32]
  private var place: [UInt32]
  private var free: [UInt32] = []

  init(_ graph: ExchangeGraph, results: [ExchangeGraph.Value], inputs: Int) {
    nodes = graph.nodes
    self.results = results
    self.inputs = inputs
    reach = Array(repeating: -1, count: nodes.count)
    twin = Array(repeating: -1, count: nodes.count)
    uses = Array(repeating: 0, count: nodes.count)
    place = Array(repeating: 0, count: nodes.count)
  }

  mutating func run() {
    for result in results { need(result, reach: 0) }
    for node in nodes.indices.reversed() where reach[node] >= 0 {
      for operand in operands(node) { need(operand, reach: reach[node]) }
    }
    findTwins()
    var done = Array(repeating: false, count: nodes.count)
    for node in nodes.indices where reach[node] >= 0 && !done[node] {
      if case .input(let line) = nodes[node] { place[node] = UInt32(line) } else { emit(node) }
      done[node] = true
      if twin[node] >= 0 { done[Int(twin[node])] = true }
    }
    selected = results.map { chotloops_selected(place: place[Int($0.node)], shift: $0.shift) }
  }

  private mutating func need(_ value: ExchangeGraph.Value, reach beyond: Int32) {
    let node = Int(value.node)
    reach[node] = max(reach[node], beyond + value.shift)
    uses[node] += 1
  }

  private func operands(_ node: Int) -> [ExchangeGraph.Value] {
    switch nodes[node] {
    case .input: []
    case .least(let a, let b), .most(let a, let b): [a, b]
    }
  }

  private mutating func findTwins() {
    var known: [[ExchangeGraph.Value]: Int32] = [:]
    for node in nodes.indices where reach[node] >= 0 && !operands(node).isEmpty {
      guard let other = known.updateValue(Int32(node), forKey: operands(node)) else { continue }
      twin[node] = other
      twin[Int(other)] = Int32(node)
    }
  }

  /// One exchange, for a node and its twin.
  private mutating func emit(_ node: Int) {
    let pair = operands(node)
    let other = twin[node] >= 0 ? Int(twin[node]) : nil
    // Both nodes have used both operands then.
    for operand in pair { release(operand, other == nil ? 1 : 2) }
    let mine = takeRegister()
    place[node] = mine
    if let other { place[other] = takeRegister() }
    var isLeast = false
    if case .least = nodes[node] { isLeast = true }
    let its = other.map { place[$0] } ?? mine
    exchanges.append(
      chotloops_exchange(
        a: place[Int(pair[0].node)], b: place[Int(pair[1].node)], least: isLeast ? mine : its,
        most: isLeast ? its : mine, a_shift: pair[0].shift, b_shift: pair[1].shift,
        reach: max(reach[node], other.map { reach[$0] } ?? 0),
        kept: other != nil ? chotloops_both : isLeast ? chotloops_least : chotloops_most))
  }

  private mutating func takeRegister() -> UInt32 {
    if let register = free.popLast() { return register }
    registers += 1
    return UInt32(inputs + registers - 1)
  }

  /// A result is never released.
  private mutating func release(_ value: ExchangeGraph.Value, _ count: Int32) {
    let node = Int(value.node)
    uses[node] -= count
    if uses[node] == 0, place[node] >= UInt32(inputs) { free.append(place[node]) }
  }
}
