import Filters
import Parallel
import VolumeIO
import Volumes

/// A file that holds a kernel, as `medfilter kernel` reads it.
package enum KernelSource: Sendable {
  /// A JSON object with `weights`, or a scan whose voxels are the weights; the name's ending tells.
  case file(String)
  /// One of a job's filters, counted from 0.
  case filter(Int, job: String)

  private var path: String {
    switch self {
    case .file(let path), .filter(_, job: let path): path
    }
  }

  /// - Parameter spacing: In mm; a scan has its own, which this one replaces.
  package func subject(
    spacing: Spacing?, cancellation: Cancellation = Cancellation()
  ) throws(KernelRefusal) -> KernelSubject {
    do throws(KernelRefusal) {
      return try find(spacing: spacing, cancellation)
    } catch {
      // Whatever was read after that means nothing.
      throw cancellation.isCancelled ? .interrupted : error
    }
  }

  private func find(spacing: Spacing?, _ cancellation: Cancellation) throws(KernelRefusal) -> KernelSubject {
    guard !SmallFile.isMissing(path) else {
      throw KernelRefusal(.noInput, ["\(path): there is no such file"])
    }
    switch self {
    case .file(let path) where ScanName(path: path) != nil: return try scan(path, spacing: spacing, cancellation)
    case .file(let path): return try weights(path, spacing: spacing, cancellation)
    case .filter(let index, job: let path): return try filter(index, of: path, spacing: spacing, cancellation)
    }
  }

  private func weights(
    _ path: String, spacing: Spacing?, _ cancellation: Cancellation
  ) throws(KernelRefusal) -> KernelSubject {
    let bytes = try bytes("a kernel file, or a scan (.nii, .nii.gz, .nii.zst, .hdr or .img)")
    do throws(KernelProblem) {
      let filter = try KernelFilter.decode(bytes) { cancellation.isCancelled }
      return KernelSubject(filter.kernel, name: "weights", spacing: spacing)
    } catch {
      throw KernelRefusal(.usage, error.sentences.map { "\(path): \($0)" })
    }
  }

  private func filter(
    _ index: Int, of path: String, spacing: Spacing?, _ cancellation: Cancellation
  ) throws(KernelRefusal) -> KernelSubject {
    let bytes = try bytes("a job file")
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let filters: [any Filter]
    do throws(JobRefusal) {
      // Masks do not matter here, and need not be there.
      let surroundings = FilterSurroundings(
        weights: { name throws(UnreadableFile) in try .read(resolved(name, in: folder)) },
        isStopped: { cancellation.isCancelled })
      filters = try JobSpec.decode(bytes, fileName: path, in: surroundings).filters
    } catch {
      throw KernelRefusal(error.status, error.sentences)
    }
    guard filters.indices.contains(index) else {
      throw KernelRefusal(
        .usage,
        ["--filter: expected 0 to \(filters.count - 1), one of the \(filters.count) of \(path), found \(index)"])
    }
    do throws(KernelProblem) {
      return try KernelSubject(filters[index], name: "\(path): filters[\(index)]", spacing: spacing)
    } catch {
      throw KernelRefusal(.usage, error.sentences)
    }
  }

  private func bytes(_ what: String) throws(KernelRefusal) -> [UInt8] {
    guard let bytes = SmallFile.read(path, limit: 16 << 20) else {
      throw KernelRefusal(.usage, ["\(path): \(SmallFile.objection(to: path, as: what))"])
    }
    return bytes
  }
}

/// Why there is no kernel to look at.
package struct KernelRefusal: Error, Sendable {
  package let status: ExitStatus
  package let sentences: [String]

  init(_ status: ExitStatus, _ sentences: [String]) {
    self.status = status
    self.sentences = sentences
  }

  fileprivate static var interrupted: KernelRefusal {
    KernelRefusal(.tryAgain, ["interrupted while the kernel was taken apart"])
  }
}

// MARK: - Scans of weights

extension KernelSource {
  private func scan(
    _ path: String, spacing: Spacing?, _ cancellation: Cancellation
  ) throws(KernelRefusal) -> KernelSubject {
    let scan: ScanOfWeights
    do throws(ScanFailure) {
      scan = try ScanOfWeights(path)
    } catch {
      throw KernelRefusal(.badData, ["\(path): \(error)"])
    }
    do throws(Cancelled) {
      return try KernelSubject(
        voxels: scan.voxels, shape: scan.header.shape, spacing: spacing ?? scan.header.spacing,
        check: { () throws(Cancelled) in try cancellation.check() })
    } catch {
      throw .interrupted
    }
  }
}
