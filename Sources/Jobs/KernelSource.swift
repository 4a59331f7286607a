import Filters
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
  package func subject(spacing: Spacing?) throws(KernelRefusal) -> KernelSubject {
    guard !SmallFile.isMissing(path) else {
      throw KernelRefusal(.noInput, ["\(path): there is no such file"])
    }
    switch self {
    case .file(let path) where ScanName(path: path) != nil: return try scan(path, spacing: spacing)
    case .file(let path): return try weights(path, spacing: spacing)
    case .filter(let index, job: let path): return try filter(index, of: path, spacing: spacing)
    }
  }

  private func weights(_ path: String, spacing: Spacing?) throws(KernelRefusal) -> KernelSubject {
    let bytes = try bytes("a kernel file, or a scan (.nii, .nii.gz, .nii.zst, .hdr or .img)")
    do throws(KernelProblem) {
      return KernelSubject(try KernelFilter.decode(bytes).kernel, name: "weights", spacing: spacing)
    } catch {
      throw KernelRefusal(.usage, error.sentences.map { "\(path): \($0)" })
    }
  }

  private func filter(_ index: Int, of path: String, spacing: Spacing?) throws(KernelRefusal) -> KernelSubject {
    let bytes = try bytes("a job file")
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let filters: [any Filter]
    do throws(JobRefusal) {
      filters = try JobSpec.decode(bytes, fileName: path) { (name) throws(UnreadableFile) in
        try SmallFile.weights(resolved(name, in: folder))
      }.filters
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
}

// MARK: - Scans of weights

extension KernelSource {
  private func scan(_ path: String, spacing: Spacing?) throws(KernelRefusal) -> KernelSubject {
    do throws(ScanFailure) {
      let reader = try ScanReader(path, in: .anywhere)
      try Self.checkSize(reader.header)
      let voxels = try Self.voxels(of: reader)
      return KernelSubject(voxels: voxels, shape: reader.header.shape, spacing: spacing ?? reader.header.spacing)
    } catch {
      throw KernelRefusal(.badData, ["\(path): \(error)"])
    }
  }

  /// Asked of the header, before anything is read.
  private static func checkSize(_ header: ScanHeader) throws(ScanFailure) {
    guard header.frames == 1 else {
      throw ScanFailure(
        .gridMismatch, .header, "dims", expected: "one volume of weights",
        found: "\(header.dims.map(String.init).joined(separator: "×")), \(header.frames) volumes",
        advice: "a kernel has at most three axes; cut out one volume")
    }
    guard header.shape.count <= KernelSubject.mostWeights else {
      throw ScanFailure(
        .limit, .header, "dims", expected: "at most \(KernelSubject.mostWeights) weights",
        found: "\(header.shape), \(header.shape.count) weights", advice: "is this a scan instead of a kernel?")
    }
  }

  private static func voxels(of reader: ScanReader) throws(ScanFailure) -> [Double] {
    let volume = try WholeVolume<Double>(reader)
    guard volume.counts.nonFinite == 0 else {
      throw ScanFailure(
        .nonFinite, .read, "weights", expected: "numbers", found: "\(volume.counts.nonFinite) that are NaN or infinite",
        advice: "replace them, by 0 for instance")
    }
    guard volume.counts.beyondPrecision == 0 else {
      throw ScanFailure(
        .precision, .read, "weights", expected: "integers up to 2^53", found: "\(volume.counts.beyondPrecision) beyond")
    }
    return withExtendedLifetime(volume.frame) { Array(volume.frame.voxels) }
  }
}
