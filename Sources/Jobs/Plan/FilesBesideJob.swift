import Filters
import Parallel
import VolumeIO
import Volumes

/// The files that a job's filters name: masks and kernels.
package struct FilesBesideJob: Sendable {
  /// Where relative names start: the job file's folder; `nil` for a job out of a log, which opens no file that it names.
  let folder: String?
  package let masks: MaskLoader

  /// Said of files that a job out of a log names.
  static let closed = "a job out of a log opens no files"

  package init(folder: String?) {
    self.folder = folder
    masks = MaskLoader(folder: folder)
  }

  /// For reading a job that is to be planned.
  package func surroundings(_ cancellation: Cancellation) -> FilterSurroundings {
    let (folder, masks) = (self.folder, self.masks)
    return FilterSurroundings(
      weights: { name throws(UnreadableFile) in
        guard let folder else { throw .cannotOpen(Self.closed) }
        return try .read(resolved(name, in: folder))
      },
      scan: { scan throws(UnreadableFile) in
        guard scan.role == .mask else { return try requireHeader(of: scan, in: folder) }
        // Whoever asked to stop does not wait for large masks.
        if !cancellation.isCancelled { try masks.require(scan.file) { cancellation.isCancelled } }
      },
      isStopped: { cancellation.isCancelled })
  }
}

/// Makes sure that a second scan can be opened; its voxels are read with each scan of the job.
private func requireHeader(of scan: ScanBeside, in folder: String?) throws(UnreadableFile) {
  guard let folder else { throw .cannotOpen(FilesBesideJob.closed) }
  let path = resolved(scan.file, in: folder)
  if let reason = SmallFile.obstacle(to: path) { throw .cannotOpen(reason) }
  do throws(ScanFailure) { _ = try ScanReader(path, in: .anywhere) } catch {
    throw UnreadableFile(error.said(of: scan.role))
  }
}

extension KernelContent {
  /// A file of weights that a job names: JSON of at most 16 MiB, or a scan, as the name says.
  package static func read(_ path: String) throws(UnreadableFile) -> KernelContent {
    if let reason = SmallFile.obstacle(to: path) { throw .cannotOpen(reason) }
    guard ScanName(path: path) != nil else {
      guard let bytes = SmallFile.read(path, limit: 16 << 20) else {
        throw .unfit("expected at most 16 MiB, found more")
      }
      return .json(bytes)
    }
    do throws(ScanFailure) {
      let scan = try ScanOfWeights(path)
      return .voxels(scan.voxels, lengths: scan.lengths)
    } catch {
      throw UnreadableFile(error)
    }
  }
}

extension UnreadableFile {
  /// What is wrong with a scan that was there to be opened.
  init(_ failure: ScanFailure) {
    let fact = "\(failure.subject): expected \(failure.expected), found \(failure.found)"
    self = .unfit(failure.advice.map { "\(fact); \($0)" } ?? fact)
  }
}
