import ByteStreams
import StrictJSON

/// A file as the log names it: enough to find it and to see that it is the same.
package struct RecordedFile: Hashable, Sendable {
  /// `image`, `header` (of a pair); or `mask`, `operand`, `reference` of a second scan, which need not lie in the input
  /// folder.
  package let role: String
  /// Relative to its root, or `hmac:` and a keyed hash of that.
  package let name: String
  package let sha256: Digest
  package let bytes: Int
  /// SHA-256 of the uncompressed voxels as stored; the value to compare between sites and compressors.
  package let voxels: Digest?

  package init(role: String = "image", name: String, sha256: Digest, bytes: Int, voxels: Digest?) {
    self.role = role
    self.name = name
    self.sha256 = sha256
    self.bytes = bytes
    self.voxels = voxels
  }

  package var json: JSONOutput {
    var members: [(String, JSONOutput)] = [
      ("role", .string(role)), ("name", .string(name)), ("sha256", .string(sha256.hex)), ("bytes", .int(bytes)),
    ]
    if let voxels {
      let digest: [(String, JSONOutput)] = [
        ("algorithm", .string(VoxelDigest.algorithm)), ("digest", .string(voxels.hex)),
      ]
      members.append(("voxels", .object(digest)))
    }
    return .object(members)
  }

  /// Nil when a member is missing or of another form.
  init?(_ node: JSONNode) {
    guard let role = node["role"]?.string, let name = node["name"]?.string, let bytes = node["bytes"]?.int,
      bytes >= 0, let sha256 = node["sha256"]?.string.flatMap(Digest.init(hex:))
    else { return nil }
    let voxels = node["voxels"]?["digest"]?.string.flatMap(Digest.init(hex:))
    self.init(role: role, name: name, sha256: sha256, bytes: bytes, voxels: voxels)
  }

  package static func == (a: RecordedFile, b: RecordedFile) -> Bool {
    isSame(a.name, b.name) && a.sha256 == b.sha256 && a.role == b.role && a.bytes == b.bytes && a.voxels == b.voxels
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(ExactName(name))
    hasher.combine(sha256)
  }
}

/// The part of `prepared` and `output` records that resuming and verifying rest on. Both hold the same.
package struct ScanRecord: Hashable, Sendable {
  /// The scan itself first, then what else was read for it.
  package let inputs: [RecordedFile]
  package let output: RecordedFile
  /// Digest of the whole plan for this scan (filters, kernels, output type): equal digests mean equal voxels.
  package let chain: Digest

  package init(inputs: [RecordedFile], output: RecordedFile, chain: Digest) {
    self.inputs = inputs
    self.output = output
    self.chain = chain
  }

  /// To be appended to a record, with whatever else it tells.
  package var fields: [(String, JSONOutput)] {
    [("in", .array(inputs.map(\.json))), ("out", output.json), ("chain_sha256", .string(chain.hex))]
  }

  init?(_ node: JSONNode) {
    guard let files = node["in"]?.array, let output = node["out"].flatMap(RecordedFile.init),
      let chain = node["chain_sha256"]?.string.flatMap(Digest.init(hex:))
    else { return nil }
    let inputs = files.compactMap(RecordedFile.init)
    guard !inputs.isEmpty, inputs.count == files.count else { return nil }
    self.init(inputs: inputs, output: output, chain: chain)
  }
}
