import ByteStreams
import Testing
import Volumes

/// What users read, each sentence once.
@Suite struct SentenceTests {
  private func sentence(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "no failure"
  }

  @Test func `damaged streams`() throws {
    var file = try encode(Array("voxels".utf8), .gzip)
    #expect(
      sentence { _ = try decode(Array(file.dropLast(3))) }
        == "E_GZ_TRUNCATED: the file ends within the gzip trailer; it was cut off; fetch it again")
    file[file.count - 8] ^= 0xff
    #expect(
      sentence { _ = try decode(file) }
        == "E_GZ_CRC: the gzip checksum does not fit the data: 97082a89 is stored, 97082a76 was computed; "
        + "the file is damaged; fetch it again")
    let garbage = try encode(Array("voxels".utf8), .zstd) + [1, 2, 3]
    #expect(
      sentence { _ = try decode(garbage) }
        == "E_TRAILING: bytes after the last zstd stream: expected none, or zeros, found 3 bytes; "
        + "policy.accept \"trailing-bytes\" lets it pass")
    #expect(
      sentence { _ = try decode([0x28, 0xb5, 0x2f, 0xfd, 0, 0xf8]) }
        == "E_ZST_WINDOW: zstd window: expected at most 134217728 bytes, found 2199023255552 bytes; "
        + "compress the file again without --long or --ultra")
    #expect(sentence { _ = try decode([]) } == "E_IN_EMPTY: the input is empty")
  }

  @Test func `files that do not open`() throws {
    let folder = try TemporaryFolder()
    try folder.link("link", to: "nothing")
    func opening(_ path: String) -> String {
      sentence { _ = try FileSource(root: folder.descriptor, path: path, links: .refuse) }
    }
    #expect(
      opening("missing") == "E_IN_OPEN: cannot open the input: no such file")
    #expect(
      opening("link") == "E_IN_SYMLINK: the input is a symbolic link, which the job does not let be followed; "
        + "set input.symlinks to within-root or follow if the links are meant")
    try folder.folder("folder")
    #expect(opening("folder") == "E_IN_TYPE: the input is a folder, not a regular file")
    #expect(
      opening("../x") == "E_IN_OPEN: path: expected names separated by single slashes, beneath the input folder, "
        + "found an absolute path, an empty name, a NUL, `.` or `..`")
  }
}
