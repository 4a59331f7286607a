import CHotLoops
import Glibc
import Testing

/// The loops on buffers between pages that cannot be touched: one voxel too far, and the test process dies.
@Suite struct `The hot loops` {
  @Test(arguments: 0..<chotloops_variant_count()) func `touch nothing outside their lines`(variant: Int) throws {
    let variant = chotloops_variant_at(variant).pointee
    for atEnd in [true, false] {
      for n in Array(1...70) + [127, 129] { try check(variant, n, taps: [1, 2, 3, 7, 8, 11], atEnd) }
      // Each width of the last block, beside others or alone, and more taps than a vector has lanes.
      for n in [80, 96, 100, 112, 114, 128, 144, 200, 208, 228, 259] {
        try check(variant, n, taps: [1, 9, 15, 16, 17, 18, 33, 40], atEnd)
      }
    }
  }

  private func check(_ variant: chotloops_variant, _ n: Int, taps: [Int], _ atEnd: Bool) throws {
    for count in taps {
      try check(Float.self, variant.float32.pointee, n, count, atEnd)
      try check(Double.self, variant.float64.pointee, n, count, atEnd)
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
      loops.across(out.voxels, n, outputs, pointers, n, form, n % 2 == 0 ? chotloops_stream : chotloops_replace)
      loops.across(out.voxels, n, outputs, pointers, n, form, chotloops_add)
      let wrong = (0..<outputs * n).filter { place in
        let sum = fused(taps) { (weights.voxels[$0], lines[place / n + $0].voxels[place % n]) }
        return out.voxels[place] != sum + sum
      }
      #expect(wrong.isEmpty, "\(n) voxels, \(taps) taps")
    }
    try checkAlong(weights, loops, n, taps, atEnd)
  }

  /// A line that is its own extension.
  private func checkAlong<S: BinaryFloatingPoint>(
    _ weights: Guarded<S>, _ loops: chotloops_lines, _ n: Int, _ taps: Int, _ atEnd: Bool
  ) throws {
    let source: Guarded<S> = try line(n + taps - 1, seed: 5, atEnd)
    let extended = try Guarded<S>(count: n + taps - 1, atEnd: atEnd)
    let out = try Guarded<S>(count: n, atEnd: atEnd)
    let taps = chotloops_taps(weights: weights.voxels, count: taps)
    let (edges, constant) = ([0], [S(0)])
    edges.withUnsafeBufferPointer { edges in
      constant.withUnsafeBufferPointer { constant in
        guard let first = edges.baseAddress, let outside = constant.baseAddress else { return }
        var form = chotloops_extension(
          edges: first, head: 0, first: 0, copied: n + taps.count - 1, tail: 0, constant: outside)
        loops.along(
          out.voxels, n, [UnsafeRawPointer(source.voxels)], 1, n, &form, extended.voxels, taps, chotloops_replace)
        loops.along(out.voxels, n, [UnsafeRawPointer(source.voxels)], 1, n, &form, extended.voxels, taps, chotloops_add)
      }
    }
    let wrong = (0..<n).filter { x in
      let sum = fused(taps.count) { (weights.voxels[$0], source.voxels[x + $0]) }
      return out.voxels[x] != sum + sum
    }
    #expect(wrong.isEmpty, "\(n) voxels, \(taps.count) taps")
  }

  /// Blocks of every height and width, with ramps only and with full lines between them.
  @Test(arguments: 0..<chotloops_variant_count()) func `sum dense kernels in the order of memory`(variant: Int) throws {
    let variant = chotloops_variant_at(variant).pointee
    for (i, j, k) in [(1, 1, 1), (2, 1, 3), (3, 2, 1), (2, 3, 2), (1, 4, 2), (5, 5, 1), (3, 8, 2), (17, 6, 1)] {
      for n in Array(1...40) + [63, 64, 65, 112, 127, 129] {
        for atEnd in [true, false] {
          try checkDense(Float.self, variant.float32.pointee, n, i, j, k, atEnd)
          try checkDense(Double.self, variant.float64.pointee, n, i, j, k, atEnd)
        }
      }
    }
  }

  private func checkDense<S: BinaryFloatingPoint>(
    _ scalar: S.Type, _ loops: chotloops_lines, _ n: Int, _ i: Int, _ j: Int, _ k: Int, _ atEnd: Bool
  ) throws {
    let weights = try Guarded<S>(count: i * j * k, atEnd: atEnd)
    for place in 0..<i * j * k { weights.voxels[place] = 1 / S(place + 3) - 0.1 }
    let form = chotloops_kernel(weights: weights.voxels, i: i, j: j, k: k)
    for outputs in [1, 2, 5, 6, 13] {
      let perSlice = outputs + j - 1
      let lines: [Guarded<S>] = try (0..<k * perSlice).map { try line(n + i - 1, seed: $0, atEnd) }
      let out = try Guarded<S>(count: outputs * n, atEnd: atEnd)
      loops.dense(out.voxels, n, outputs, lines.map { UnsafeRawPointer($0.voxels) }, n, form)
      let wrong = (0..<outputs * n).filter { place in
        out.voxels[place]
          != fused(i * j * k) { weight in
            let (x, y, z) = (weight % i, weight / i % j, weight / (i * j))
            let voxel = lines[z * perSlice + place / n + y].voxels[place % n + x]
            return (weights.voxels[(z * i + x) * j + y], voxel)
          }
      }
      #expect(wrong.isEmpty, "\(outputs) lines of \(n) voxels, \(i)×\(j)×\(k) weights")
    }
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
