import CHotLoops
import Glibc
import Testing

/// The loops on buffers between pages that cannot be touched: one voxel too far, and the test process dies.
@Suite struct `The hot loops` {
  @Test(arguments: 0..<chotloops_variant_count()) func `touch nothing outside their lines`(variant: Int) throws {
    let variant = chotloops_variant_at(variant).pointee
    for atEnd in [true, false] {
      for n in Array(1...70) + [127, 129] {
        for taps in [1, 2, 3, 7, 8, 11] {
          try check(Float.self, variant.float32.pointee, n, taps, atEnd)
          try check(Double.self, variant.float64.pointee, n, taps, atEnd)
        }
      }
    }
  }

  private func check<S: BinaryFloatingPoint>(
    _ scalar: S.Type, _ loops: chotloops_lines, _ n: Int, _ taps: Int, _ atEnd: Bool
  ) throws {
    let weights = try Guarded<S>(count: taps, atEnd: atEnd)
    for t in 0..<taps { weights.voxels[t] = 1 / S(t + 3) }
    let form = chotloops_taps(weights: weights.voxels, count: taps)
    for outputs in [1, 2, 5, 8, 13] {
      let lines: [Guarded<S>] = try (0..<outputs + taps - 1).map { try line(n, seed: $0, atEnd) }
      let pointers = lines.map { UnsafeRawPointer($0.voxels) }
      let out = try Guarded<S>(count: outputs * n, atEnd: atEnd)
      loops.across(out.voxels, n, outputs, pointers, n, form, 0)
      loops.across(out.voxels, n, outputs, pointers, n, form, 1)
      let wrong = (0..<outputs * n).filter { place in
        let sum = fused(taps) { (weights.voxels[$0], lines[place / n + $0].voxels[place % n]) }
        return out.voxels[place] != sum + sum
      }
      #expect(wrong.isEmpty, "\(n) voxels, \(taps) taps")
    }
    let longer: Guarded<S> = try line(n + taps - 1, seed: 5, atEnd)
    let out = try Guarded<S>(count: n, atEnd: atEnd)
    loops.correlate(out.voxels, n, [UnsafeRawPointer(longer.voxels)], 1, form, 0)
    loops.correlate(out.voxels, n, [UnsafeRawPointer(longer.voxels)], 1, form, 1)
    let wrong = (0..<n).filter { x in
      let sum = fused(taps) { (weights.voxels[$0], longer.voxels[x + $0]) }
      return out.voxels[x] != sum + sum
    }
    #expect(wrong.isEmpty, "\(n) voxels, \(taps) taps")
  }

  private func line<S: BinaryFloatingPoint>(_ count: Int, seed: Int, _ atEnd: Bool) throws -> Guarded<S> {
    let line = try Guarded<S>(count: count, atEnd: atEnd)
    for x in 0..<count { line.voxels[x] = S((x * 7919 + seed * 104_729) % 1009) / 1009 - 0.5 }
    return line
  }

  /// The first product, rounded, and then one fused multiply-add per tap.
  private func fused<S: BinaryFloatingPoint>(_ taps: Int, _ factors: (Int) -> (S, S)) -> S {
    let (weight, voxel) = factors(0)
    return (1..<taps).reduce(weight * voxel) { sum, t in sum.addingProduct(factors(t).0, factors(t).1) }
  }
}

/// Voxels that begin right behind, or end right before, a page that cannot be touched.
private final class Guarded<S> {
  let voxels: UnsafeMutablePointer<S>
  private let pages: UnsafeMutableRawPointer
  private let mapped: Int

  init(count: Int, atEnd: Bool) throws {
    let page = Int(getpagesize())
    let bytes = count * MemoryLayout<S>.stride
    let room = (bytes + page - 1) / page * page
    mapped = room + 2 * page
    pages = try #require(mmap(nil, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    try #require(mprotect(pages + page, room, PROT_READ | PROT_WRITE) == 0)
    voxels = (pages + page + (atEnd ? room - bytes : 0)).bindMemory(to: S.self, capacity: count)
  }

  deinit { munmap(pages, mapped) }
}
