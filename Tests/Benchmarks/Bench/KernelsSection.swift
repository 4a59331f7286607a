import Filtering
import Kernels
import Volumes

/// Dense beside a sum of terms, for kernels that are no outer product: does the choice between them pay?
func kernelsSection(_ bench: Workbench) throws -> String {
  var table = Table("kernel") {
    ["terms", "multiplies dense", "as a sum", "dense, ms", "as a sum, ms", "chosen", "slower than the faster one by"]
  }
  var late = 0
  let kernels = try KernelGallery.all()
  for kernel in kernels {
    let row = try Trial(kernel, bench)
    if row.loss > 0.1 { late += 1 }
    table.add(row.cells)
  }
  let good = Double(kernels.count - late) / Double(kernels.count)
  return """
    ## Dense or a sum

    Tolerance 10⁻⁶, \((bench.threads.last ?? 1).asThreads). The choice is within 10 % of the faster way for
    \(kernels.count - late) of \(kernels.count) kernels (\(good.percent)).


    """ + table.text
}

/// One kernel, measured both ways.
private struct Trial {
  let cells: [String]
  /// How much longer the chosen way takes than the faster one; 0.1 is a tenth.
  let loss: Double

  init(_ kernel: NamedKernel, _ bench: Workbench) throws {
    let threads = bench.threads.last ?? 1
    let choice = Factoring.factor(kernel.weights, tolerance: 1e-6)
    let dense = try bench.time(.dense(kernel.weights), threads: threads)
    let sum = Factoring.sum(of: kernel.weights, tolerance: 1e-6)
    let separate = try sum.map { try bench.time(.separable($0.map { SeparableTerm($0) }), threads: threads) }
    let taken = choice.method == .dense ? dense.least : separate?.least ?? dense.least
    loss = taken / min(dense.least, separate?.least ?? .infinity) - 1
    let multiplies = sum.map { "\(SharedPasses($0).multiplies)" } ?? "none"
    cells = [
      kernel.name, sum.map { "\($0.count)" } ?? "none", "\(kernel.weights.weights.count)", multiplies,
      dense.milliseconds, separate?.milliseconds ?? "none", choice.method == .dense ? "dense" : "sum", loss.percent,
    ]
  }
}
