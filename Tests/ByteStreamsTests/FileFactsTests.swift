import ByteStreams
import Foundation
import Testing
import Volumes

/// A file is known again by its size, times and inode only where no change can go unseen.
@Suite struct FileFactsTests {
  private static let second = 1_000_000_000

  @Test func `a change within a tick of the clock may go unseen`() {
    let fine = FileFacts(bytes: 1, modified: 5, changed: 7 * Self.second + 1, inode: 3)
    #expect(!fine.wouldShowChange(after: 7 * Self.second + 2))
    #expect(!fine.wouldShowChange(after: fine.changed + Self.second / 20))
    #expect(fine.wouldShowChange(after: fine.changed + Self.second / 2))
    // A clock that is ahead of ours says nothing.
    #expect(!fine.wouldShowChange(after: fine.changed - Self.second))
    let coarse = FileFacts(bytes: 1, modified: 5, changed: 7 * Self.second, inode: 3)
    #expect(!coarse.wouldShowChange(after: coarse.changed + Self.second))
    #expect(coarse.wouldShowChange(after: coarse.changed + 3 * Self.second))
  }

  @Test func `what was just written is not known by its times, and a moment later it is`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/file"
    // Between writing and opening the machine may be busy for longer than a tick.
    let isYoung = try (0..<20).contains { _ in
      try Data("text".utf8).write(to: URL(filePath: path))
      return try FileSource(path: path).lastingFacts == nil
    }
    #expect(isYoung)
    usleep(300_000)
    let source = try FileSource(path: path)
    #expect(source.lastingFacts == source.facts && source.facts.bytes == 4)
    // Another file of the same size and times is another file.
    try Data("text".utf8).write(to: URL(filePath: path + "2"))
    #expect(try FileSource(path: path + "2").facts.inode != source.facts.inode)
  }
}
