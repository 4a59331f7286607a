import Filters
import Jobs
import StrictJSON
import Testing

@Suite struct ReferenceTests {
  private var page: String { Self.page }

  private static let page: String = {
    let page = String(decoding: SmallFile.read(ReferencePage.path, limit: 1 << 20) ?? [], as: UTF8.self)
    return PackageFolder.text(ReferencePage.path, insteadOf: ReferencePage.updated(page))
  }()

  @Test func `the tables of the reference page are those of the declarations`() {
    #expect(page == ReferencePage.updated(page))
  }

  @Test(arguments: ReferencePage.tables.map(\.name))
  func `every table has its place on the page`(name: String) {
    #expect(page.contains("<!-- keys: \(name) -->\n"))
  }

  @Test func `every declared key has its row`() {
    for key in ReferencePage.tables.flatMap({ $0.form.keys }) { #expect(page.contains("| `\(key.name)` | ")) }
  }

  /// Examples are one element per line.
  @Test func `the examples of elements are read`() throws {
    let examples = page.split(separator: "\n").filter { $0.hasPrefix("{ \"filter\"") && !$0.contains("\"file\"") }
    #expect(examples.count >= 10)
    for example in examples {
      let job = """
        {"medfilter": 1, "name": "a", "input": {"root": "in"}, "output": {"root": "out"}, "filters": [\(example)]}
        """
      #expect(throws: Never.self) { try Corpus.decode(Array(job.utf8), fileName: "example").get() }
    }
  }

  @Test func `the example of a job is read`() throws {
    let parts = page.split(separator: "```json\n", maxSplits: 1)
    let example = try #require(parts.last?.split(separator: "```", maxSplits: 1).first)
    #expect(throws: Never.self) { try Corpus.decode(Array(String(example).utf8), fileName: "example").get() }
  }
}
