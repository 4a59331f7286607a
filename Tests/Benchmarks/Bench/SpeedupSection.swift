/// Separated over dense: what is measured, beside what the multiplies promise and what the roofline allows.
func speedupSection(_ bench: Workbench) throws -> String {
  var text = """
    ## Separated over dense

    Each at its best. The roofline allows the ratio of two times, each the longer one of: all multiplies at their peak;
    one frame read and one written.

    """
  for threads in bench.threads {
    text += "\n\(threads.asThreads):\n\n" + (try speedups(bench, threads: threads))
  }
  return text
}

private func speedups(_ bench: Workbench, threads: Int) throws -> String {
  var table = Table("kernel") {
    [
      "dense, ms", "separated, ms", "faster by", "ratio of multiplies", "roofline allows", "share of that",
      "largest difference",
    ]
  }
  let limits = try bench.limits(threads)
  for kernel in try [BenchKernel.slice(21), .cube(9), .cube(15)] {
    let dense = try bench.time(.dense(kernel.dense), threads: threads)
    let separated = try bench.time(.separable([kernel.term]), threads: threads)
    let measured = dense.least / separated.least
    func roofline(_ multiplies: Int) -> Double {
      limits.roofline(multipliesPerVoxel: multiplies, voxels: bench.shape.count)
    }
    let allowed = roofline(kernel.denseMultiplies) / roofline(kernel.separatedMultiplies)
    let fewer = Double(kernel.denseMultiplies) / Double(kernel.separatedMultiplies)
    table.add([
      kernel.name, dense.milliseconds, separated.milliseconds, measured.rounded(to: 1) + "×",
      fewer.rounded(to: 1) + "×", allowed.rounded(to: 1) + "×", (measured / allowed).percent,
      "\(try difference(bench, kernel))",
    ])
  }
  return table.text
}

/// Both ways give the same, but for roundings; the voxels are between 0 and 1.
private func difference(_ bench: Workbench, _ kernel: BenchKernel) throws -> Float {
  let dense = try bench.filtered(.dense(kernel.dense))
  let separated = try bench.filtered(.separable([kernel.term]))
  return zip(dense.voxels, separated.voxels).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
