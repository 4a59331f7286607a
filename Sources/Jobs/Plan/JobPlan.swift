import ByteStreams
import DurableIO
import Filtering
import Filters
import Parallel
import VolumeIO
import Volumes

/// A job, resolved: every scan, every output's name, every kernel. Making one writes nothing.
package struct JobPlan: Sendable {
  package let spec: JobSpec
  /// Of the job file's bytes, which are read once: later changes to the file change nothing.
  package let jobDigest: Digest
  package let inputRoot: InputRoot
  package let outputRoot: String
  package let naming: ScanNaming
  package let limits: HostLimits
  package let instructionSet: InstructionSet
  /// In the order of their paths, which is the order of the work.
  package let scans: [PlannedScan]
  package let grids: [PlannedGrid]
  /// About the job as a whole: what was not searched, patterns without any use. Each sentence begins with a key of the job.
  package let findings: [Finding]
  /// Paths that the findings stand for.
  let foundPaths: [String]
  /// What outputs must never replace.
  let measured: MeasuredFiles

  /// Over all scans and frames.
  package var voxels: Int { scans.reduce(0) { $0.addingSaturating($1.voxels) } }

  /// Who may read some output of the plan: nobody whom its input keeps out.
  var widestMode: UInt32 { scans.reduce(0) { $0 | ((try? $1.content.get().facts.mode) ?? 0) } }

  /// The engine on so many lanes, with what the job says of absent voxels.
  func engine(on workers: Workers, _ cancellation: Cancellation) -> Engine {
    Engine(
      workers: workers, instructionSet: instructionSet, cancellation: cancellation,
      absentNonFinite: spec.policy.nonFinite == .ignore)
  }

  /// How the scans' files are opened.
  var inputPlace: ScanPlace { .beneath(root: inputRoot.descriptor, links: inputRoot.links) }

  /// A digest of everything that decides an output's bytes, except the input: see Decisions/Structure.md.
  ///
  /// - Parameter output: index of the scan's output.
  func recipe(of content: PlannedScan.Content, output: Int = 0) -> Digest {
    recipe(grids[content.grid].points[output].digest)
  }

  /// The recipes that the same job had under earlier rules, as far as they made other voxels; the oldest last.
  func formerRecipes(of content: PlannedScan.Content, output: Int = 0) -> [FormerChain] {
    grids[content.grid].points[output].former.map { FormerChain(digest: recipe($0.digest), change: $0.change) }
  }

  private func recipe(_ chain: Digest) -> Digest {
    let parts = [Software.arithmetic, chain.hex] + spec.recipeParts
    return SHA256.digest(of: Array(parts.joined(separator: "\n").utf8))
  }
}

extension JobSpec {
  /// What the job says about its outputs' bytes besides the filters.
  var recipeParts: [String] {
    output.recipeParts + policy.recipeParts
  }
}

/// Threads and bytes of memory that the command line asks for, instead of the job's.
package struct ResourceOverrides: Sendable {
  var threads: Int?
  var memory: Int?

  package init(threads: Int? = nil, memory: Int? = nil) {
    self.threads = threads
    self.memory = memory
  }
}
