import Volumes

/// Selects one of N numbers by exchanges.
///
/// Ascending lists are merged, k first, then j, then i, by Batcher's odd-even merge (doi:10.1145/1468075.1468121). A
/// number that has too many others on one side of it in its list cannot be the one, and is dropped at once ("forgetful
/// selection"). The last two lists are not merged: the number of place r of both is the least of the larger ones of
/// a[i − 1] and b[r − i].
struct RankSelection {
  typealias Value = ExchangeGraph.Value

  /// The numbers of an ascending list that may still be the one.
  struct Candidates {
    var values: [Value]
    /// Smaller ones that were dropped.
    var dropped: Int
    /// How many the list had.
    var count: Int
  }

  /// What is merged with what.
  indirect enum Tree {
    case leaf(Value)
    case join(Tree, Tree)
  }

  var graph = ExchangeGraph()
  /// The place of the number that is wanted.
  let rank: Int
  /// Of how many.
  let count: Int

  init(rank: Int, of count: Int) {
    self.rank = rank
    self.count = count
  }

  /// Whether the smallest or the largest one is wanted.
  var isExtreme: Bool { rank == 0 || rank == count - 1 }

  mutating func selected(from tree: Tree) -> Value {
    if isExtreme { return extreme(tree) }
    switch tree {
    case .leaf(let value): return value
    case .join(let a, let b):
      let (first, second) = (candidates(a), candidates(b))
      return place(rank - first.dropped - second.dropped, of: first.values, second.values)
    }
  }

  private mutating func extreme(_ tree: Tree) -> Value {
    switch tree {
    case .leaf(let value): return value
    case .join(let a, let b):
      let (first, second) = (extreme(a), extreme(b))
      return rank == 0 ? graph.least(first, second) : graph.most(first, second)
    }
  }

  private mutating func candidates(_ tree: Tree) -> Candidates {
    switch tree {
    case .leaf(let value): return Candidates(values: [value], dropped: 0, count: 1)
    case .join(let a, let b):
      let (first, second) = (candidates(a), candidates(b))
      let merged = Candidates(
        values: merged(first.values[...], second.values[...]), dropped: first.dropped + second.dropped,
        count: first.count + second.count)
      return trimmed(merged)
    }
  }

  /// Drops what has more than `rank` numbers below it in its list, or more than the others above.
  private func trimmed(_ list: Candidates) -> Candidates {
    let low = max(list.dropped, list.count - 1 - (count - 1 - rank))
    let high = min(list.dropped + list.values.count - 1, rank)
    guard low <= high else { return list }
    return Candidates(
      values: Array(list.values[(low - list.dropped)...(high - list.dropped)]), dropped: low, count: list.count)
  }

  /// Merges two ascending lists of any lengths.
  mutating func merged(_ a: ArraySlice<Value>, _ b: ArraySlice<Value>) -> [Value] {
    if a.isEmpty { return Array(b) }
    if b.isEmpty { return Array(a) }
    if a.count == 1, b.count == 1, let x = a.first, let y = b.first { return [graph.least(x, y), graph.most(x, y)] }
    let first = merged(everyOther(a, from: 0), everyOther(b, from: 0))
    let second = merged(everyOther(a, from: 1), everyOther(b, from: 1))
    var result = [first[0]]
    for place in 0..<max(first.count - 1, second.count) {
      let (x, y) = (place < second.count ? second[place] : nil, place + 1 < first.count ? first[place + 1] : nil)
      guard let x, let y else {
        if let one = x ?? y { result.append(one) }
        continue
      }
      result += [graph.least(x, y), graph.most(x, y)]
    }
    return result
  }

  private func everyOther(_ list: ArraySlice<Value>, from first: Int) -> ArraySlice<Value> {
    ArraySlice(stride(from: list.startIndex + first, to: list.endIndex, by: 2).map { list[$0] })
  }

  /// The number of one place among two ascending lists together.
  private mutating func place(_ place: Int, of a: [Value], _ b: [Value]) -> Value {
    var found: Value?
    // So many of the smallest ones come from a.
    for taken in max(0, place + 1 - b.count)...min(a.count, place + 1) {
      let (x, y) = (taken > 0 ? a[taken - 1] : nil, place + 1 > taken ? b[place - taken] : nil)
      guard let larger = larger(x, y) else { continue }
      found = found.map { graph.least($0, larger) } ?? larger
    }
    return found ?? a.first ?? b[0]
  }

  private mutating func larger(_ a: Value?, _ b: Value?) -> Value? {
    guard let a, let b else { return a ?? b }
    return graph.most(a, b)
  }
}
