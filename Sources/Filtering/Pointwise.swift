import CHotLoops
import Volumes

extension PointwiseStep {
  func check(fits shape: Shape) throws(EngineFailure) {
    if case .mask(let mask) = self { try mask.check(fits: shape) }
  }

  /// Changes every voxel of the frame.
  func apply<S: ComputeScalar>(to frame: Frame<S>, runner: Runner<S>) throws(EngineFailure) {
    let loops = runner.loops
    switch self {
    case .scale(let slope, let intercept):
      try runner.forEachRun(of: frame.shape) { run in
        withScalars(S(slope), S(intercept), S(0)) { slope, intercept, _ in
          loops.call.scale(frame.base + run.lowerBound, slope, intercept, run.count)
        }
      }
    case .clamp(let lower, let upper):
      try runner.forEachRun(of: frame.shape) { run in
        withScalars(S(lower ?? -.infinity), S(upper ?? .infinity), S(0)) { lower, upper, _ in
          loops.call.clamp(frame.base + run.lowerBound, lower, upper, run.count)
        }
      }
    case .threshold(let lower, let upper, let outside):
      try runner.forEachRun(of: frame.shape) { run in
        withScalars(S(lower ?? -.infinity), S(upper ?? .infinity), S(outside)) { lower, upper, outside in
          loops.call.threshold(frame.base + run.lowerBound, lower, upper, outside, run.count)
        }
      }
    case .mask(let mask):
      try runner.forEachRun(of: frame.shape) { run in
        mask.withBytes { inside in
          let voxels = frame.base + run.lowerBound
          loops.call.present(voxels, nil, voxels, inside + run.lowerBound, 0, run.count)
        }
      }
    }
  }
}

/// C takes scalars by address, because only its table knows their type.
func withScalars<S>(_ a: S, _ b: S, _ c: S, _ body: (UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer) -> Void) {
  withUnsafePointer(to: a) { a in
    withUnsafePointer(to: b) { b in
      withUnsafePointer(to: c) { c in body(a, b, c) }
    }
  }
}

extension Mask {
  func check(fits shape: Shape) throws(EngineFailure) {
    guard self.shape == shape, inside.count == shape.count else {
      throw .gridMismatch(expected: shape, found: self.shape)
    }
  }

  /// The bytes of the mask; valid while `body` runs.
  func withBytes(_ body: (UnsafePointer<UInt8>) -> Void) {
    inside.withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return }
      body(first)
    }
  }
}
