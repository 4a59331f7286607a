/// An axis of the voxel grid. In memory `i` is the fastest.
package enum Axis: Int, CaseIterable, Sendable, Hashable, Comparable {
  case i, j, k

  /// The name as the job file writes it.
  package var name: String { ["i", "j", "k"][rawValue] }

  package init?(name: String) {
    guard let axis = Axis.allCases.first(where: { $0.name == name }) else { return nil }
    self = axis
  }

  package static func < (a: Axis, b: Axis) -> Bool { a.rawValue < b.rawValue }
}

/// One value per axis, in the order i, j, k.
package struct PerAxis<Value> {
  package var i: Value
  package var j: Value
  package var k: Value

  package init(_ i: Value, _ j: Value, _ k: Value) {
    self.i = i
    self.j = j
    self.k = k
  }

  package init(all value: Value) { self.init(value, value, value) }

  package subscript(axis: Axis) -> Value {
    get {
      switch axis {
      case .i: i
      case .j: j
      case .k: k
      }
    }
    set {
      switch axis {
      case .i: i = newValue
      case .j: j = newValue
      case .k: k = newValue
      }
    }
  }

  package var array: [Value] { [i, j, k] }

  package func map<T, E: Error>(_ transform: (Value) throws(E) -> T) throws(E) -> PerAxis<T> {
    PerAxis<T>(try transform(i), try transform(j), try transform(k))
  }
}

extension PerAxis: Sendable where Value: Sendable {}
extension PerAxis: Equatable where Value: Equatable {}
extension PerAxis: Hashable where Value: Hashable {}
