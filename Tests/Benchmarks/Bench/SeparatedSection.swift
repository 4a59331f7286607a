/// Separated filtering, as a share of what the roofline allows.
func separatedSection(_ bench: Workbench) throws -> String {
  var table = Table("separated") {
    bench.threads.flatMap { ["\($0.asThreads), ms", "roofline, ms", "share"] }
  }
  var kernels = try [5, 7, 9, 11, 13, 15].map { try BenchKernel.cube($0) } + [.slice(21)]
  kernels += try [
    BenchKernel("radius 13", i: 27, j: 27, k: 27), BenchKernel("9 along i", i: 9, j: 1, k: 1),
    BenchKernel("9 along j", i: 1, j: 9, k: 1), BenchKernel("9 along k", i: 1, j: 1, k: 9), .slice(9),
  ]
  for kernel in kernels {
    var row = [kernel.name]
    for threads in bench.threads {
      let seconds = try bench.time(.separable([kernel.term]), threads: threads)
      let roofline = try bench.limits(threads)
        .roofline(multipliesPerVoxel: kernel.separatedMultiplies, voxels: bench.shape.count)
      row += [seconds.milliseconds, (roofline * 1e3).rounded(to: 1), (roofline / seconds.least).percent]
    }
    table.add(row)
  }
  return """
    ## Separated

    One pass per axis; 9×9×9 is radius 4. The roofline is the longer one of: all multiplies at their peak; one frame read
    and one written.


    """ + table.text
}
