import StrictJSON

/// Whose work an output is: the job that made it, and the archive that its scan came from.
package struct RunOwner: Hashable, Sendable {
  package let job: String
  /// The archive's id; nil in logs that did not tell it, where the job's name decides.
  package let archive: String?

  package init(job: String, archive: String?) {
    self.job = job
    self.archive = archive
  }

  /// Of the run that a `run_start` record begins; nil when it names no job.
  init?(_ run: JSONNode) {
    guard let job = run["job"]?.string else { return nil }
    self.init(job: job, archive: run["archive"].flatMap(ArchiveMark.init)?.id)
  }

  package var json: JSONOutput {
    .object([("job", .string(job)), ("archive", archive.map { .string($0) } ?? .null)])
  }

  fileprivate init?(adopted node: JSONNode) {
    guard let job = node["job"]?.string else { return nil }
    self.init(job: job, archive: node["archive"]?.string)
  }

  /// Whose outputs a run took over, on its user's word.
  static func adopted(by run: JSONNode) -> [RunOwner] {
    run["adopts"]?.array?.compactMap(RunOwner.init(adopted:)) ?? []
  }
}

/// What a run says about its input root, so that a later run knows the archive again. The id is random.
package struct ArchiveMark: Hashable, Sendable {
  package let id: String
  /// A hash of the folder itself, which it keeps when it is moved, renamed or mounted elsewhere; nil where it has none.
  package let folder: String?

  package init(id: String, folder: String?) {
    self.id = id
    self.folder = folder
  }

  init?(_ node: JSONNode) {
    guard let id = node["id"]?.string else { return nil }
    self.init(id: id, folder: node["folder"]?.string)
  }

  package var json: JSONOutput {
    .object([("id", .string(id))] + (folder.map { [("folder", .string($0))] } ?? []))
  }
}
