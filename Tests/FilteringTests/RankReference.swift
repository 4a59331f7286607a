import Filtering
import Kernels
import Volumes

/// The definition of a rank filter, one voxel after another, by sorting: what the engine is compared with.
struct RankReference {
  let step: RankOperation
  let absentNonFinite: Bool

  func filtered<S: ComputeScalar>(_ frame: Frame<S>) -> [S] {
    let shape = frame.shape
    let offsets = step.neighbourhood.places
    return (0..<shape.count).map { place in
      let at = PerAxis(place % shape.i, place / shape.i % shape.j, place / shape.slice)
      if let mask = step.mask?.loaded, mask.inside[place] == 0 {
        switch step.outside {
        case .keep: return frame.voxels[place]
        case .zero: return 0
        case .nan: return .nan
        }
      }
      return selected(offsets.compactMap { voxel(at, $0, of: frame) })
    }
  }

  /// `nil` is absent.
  private func voxel<S>(_ at: PerAxis<Int>, _ offset: PerAxis<Int>, of frame: Frame<S>) -> S? {
    let (shape, origin, boundary) = (frame.shape, step.neighbourhood.origin, step.boundary)
    guard let i = boundary.source(of: at.i + offset.i - origin.i, length: shape.i),
      let j = boundary.source(of: at.j + offset.j - origin.j, length: shape.j),
      let k = boundary.source(of: at.k + offset.k - origin.k, length: shape.k)
    else {
      guard case .constant(let value) = boundary, step.mask == nil else { return nil }
      return absentNonFinite && !value.isFinite ? nil : S(value)
    }
    let place = (k * shape.j + j) * shape.i + i
    if let mask = step.mask?.loaded, mask.inside[place] == 0 { return nil }
    let value = frame.voxels[place]
    return absentNonFinite && !value.isFinite ? nil : value
  }

  private func selected<S: ComputeScalar>(_ present: [S]) -> S {
    if present.isEmpty || present.contains(where: \.isNaN) { return .nan }
    return present.sorted()[step.rank.place(among: present.count)]
  }
}
