/// Smaller and larger ones of two numbers, each computed once.
///
/// A number stands for all voxels of a line: shifted by s, it is the same number s voxels further. Two numbers that
/// differ by a shift are one node, so what neighbouring results have in common is found by itself.
struct ExchangeGraph {
  /// A node's number, `shift` voxels further along the line.
  struct Value: Hashable {
    var node: Int32
    var shift: Int32
  }

  enum Node: Hashable {
    case input(line: Int)
    case least(Value, Value)
    case most(Value, Value)
  }

  private(set) var nodes: [Node] = []
  private var known: [Node: Int32] = [:]

  mutating func input(line: Int, shift: Int) -> Value {
    Value(node: place(of: .input(line: line)), shift: Int32(shift))
  }

  mutating func least(_ a: Value, _ b: Value) -> Value { join(a, b) { .least($0, $1) } }

  mutating func most(_ a: Value, _ b: Value) -> Value { join(a, b) { .most($0, $1) } }

  private mutating func join(_ a: Value, _ b: Value, _ make: (Value, Value) -> Node) -> Value {
    if a == b { return a }
    let first = (a.node, a.shift) < (b.node, b.shift) ? (a, b) : (b, a)
    let shift = min(a.shift, b.shift)
    let node = make(
      Value(node: first.0.node, shift: first.0.shift - shift), Value(node: first.1.node, shift: first.1.shift - shift))
    return Value(node: place(of: node), shift: shift)
  }

  private mutating func place(of node: Node) -> Int32 {
    if let place = known[node] { return place }
    let place = Int32(nodes.count)
    nodes.append(node)
    known[node] = place
    return place
  }
}
