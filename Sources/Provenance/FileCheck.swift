import ByteStreams
import DurableIO
import Volumes

// What the checks of inputs and outputs have in common.

extension LogHistory.Entry {
  func problem(_ kind: Problem.Kind, _ file: RecordedFile, found: String) -> Problem {
    placed(Problem(kind, line: line, expected: "\(file.name) with SHA-256 \(file.sha256)", found: found))
  }

  /// What is wrong with the voxels of a file whose bytes are as recorded; nil when nothing is, or none were recorded.
  func voxelProblem(
    of file: RecordedFile, in name: String, beneath path: String, _ voxels: VoxelReading
  ) -> Problem? {
    guard let expected = file.voxels else { return nil }
    do throws(ScanFailure) {
      let found = try voxels(path, name)
      guard found != expected else { return nil }
      let sentence = "voxels of \(file.name) with SHA-256 \(expected)"
      return placed(Problem(.voxels, line: line, expected: sentence, found: "\(found)"))
    } catch {
      return problem(.voxels, file, found: "\(error)")
    }
  }

  private func placed(_ problem: Problem) -> Problem { log.map(problem.inEarlier) ?? problem }
}

extension RecordedFile {
  /// Whether the name is a keyed hash.
  package var isNameHidden: Bool { name.hasPrefix("hmac:") }
}

extension StoredFile {
  /// Of what has not been read yet.
  package func digest() throws(DurableFailure) -> Digest {
    var hash = SHA256()
    try forEachPiece { piece in
      hash.update(piece)
      return true
    }
    return hash.finalise()
  }
}
