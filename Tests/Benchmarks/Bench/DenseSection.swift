/// Dense filtering, as a share of the peak of multiplies.
func denseSection(_ bench: Workbench) throws -> String {
  var table = Table("dense") {
    bench.threads.flatMap { ["\($0.asThreads), ms", "GFLOP/s", "of the peak"] }
  }
  for kernel in try [5, 7, 9, 11, 13, 15].map({ try BenchKernel.cube($0) }) + [.slice(21)] {
    var row = [kernel.name]
    for threads in bench.threads {
      let seconds = try bench.time(.dense(kernel.dense), threads: threads)
      let rate = Double(kernel.denseMultiplies) * Double(bench.shape.count) / seconds.least
      let share = rate / (try bench.limits(threads).multipliesPerSecond)
      row += [seconds.milliseconds, (2 * rate / 1e9).rounded(to: 0), share.percent]
    }
    table.add(row)
  }
  return "## Dense\n\nEvery weight meets every voxel.\n\n" + table.text
}
