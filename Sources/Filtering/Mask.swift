import Volumes

/// Which voxels of a frame are in: one byte per voxel, 0 or 1.
package struct Mask: Sendable {
  package let shape: Shape
  package let inside: [UInt8]

  package init(shape: Shape, inside: [UInt8]) {
    self.shape = shape
    self.inside = inside
  }

  func check(fits shape: Shape) throws(EngineFailure) {
    guard self.shape == shape, inside.count == shape.count else {
      throw .gridMismatch(expected: shape, found: self.shape)
    }
  }

  /// The mask of some slices.
  func cut(to slices: Range<Int>) -> Mask {
    guard slices != 0..<shape.k, let cut = shape.cut(to: slices.count) else { return self }
    return Mask(shape: cut, inside: Array(inside[slices.lowerBound * shape.slice..<slices.upperBound * shape.slice]))
  }

  /// The bytes of the mask; valid while `body` runs.
  func withBytes(_ body: (UnsafePointer<UInt8>) -> Void) {
    inside.withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return }
      body(first)
    }
  }
}

/// C takes scalars by address, because only its table knows their type.
package func withScalars<S>(
  _ a: S, _ b: S, _ c: S, _ body: (UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer) -> Void
) {
  withUnsafePointer(to: a) { a in
    withUnsafePointer(to: b) { b in
      withUnsafePointer(to: c) { c in body(a, b, c) }
    }
  }
}
