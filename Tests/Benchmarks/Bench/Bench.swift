import ArgumentParser
import Volumes

/// Measures the filter engine in memory, beside what the machine can do at best. Prints Markdown.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "medfilter-bench",
    abstract: "Measures the filter engine in memory, on Float frames, beside the machine's limits.",
    discussion: "MEDFILTER_ISA=baseline|avx2|avx512 chooses the instructions, as for medfilter.")

  enum Section: String, CaseIterable, ExpressibleByArgument {
    case machine, dense, separated, speedup, kernels, rank
  }

  @Argument(help: "machine, dense, separated, speedup, kernels, rank; all of them when none is named.")
  var sections: [Section] = []

  @Option(help: "How often each thing is measured, at least 7.") var runs = 9
  @Option(help: "The larger number of threads.") var threads = 4

  @Option(parsing: .upToNextOption, help: "Voxels of the frame along i, j and k.") var shape = [256, 256, 176]

  func validate() throws {
    guard runs >= 7 else { throw ValidationError("--runs: expected at least 7, found \(runs)") }
    guard threads >= 1 else { throw ValidationError("--threads: expected at least 1, found \(threads)") }
    guard shape.count == 3, Shape(i: shape[0], j: shape[1], k: shape[2]) != nil else {
      throw ValidationError("--shape: expected three lengths of at least 1, found \(shape)")
    }
  }

  func run() throws {
    let bench = try Workbench(shape: shape, runs: runs, threads: threads)
    print(try bench.heading())
    for section in sections.isEmpty ? Section.allCases : sections {
      switch section {
      case .machine: print(try machineSection(bench))
      case .dense: print(try denseSection(bench))
      case .separated: print(try separatedSection(bench))
      case .speedup: print(try speedupSection(bench))
      case .kernels: print(try kernelsSection(bench))
      case .rank: print(try rankSection(bench))
      }
    }
  }
}
