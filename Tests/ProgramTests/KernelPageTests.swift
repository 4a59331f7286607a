import Foundation
import Testing

/// The transcripts in `KernelCommand.md` are what the program prints. `MEDFILTER_REWRITE=1` brings them up to date.
@Suite struct KernelPageTests {
  private static let path = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/MedFilter/Documentation.docc/KernelCommand.md").standardized

  @Test func `the page's transcripts are the program's own`() throws {
    let page = try String(contentsOf: Self.path, encoding: .utf8)
    let updated = try withTranscripts(page)
    if ProcessInfo.processInfo.environment["MEDFILTER_REWRITE"] != nil {
      try updated.write(to: Self.path, atomically: true, encoding: .utf8)
    } else {
      #expect(page == updated)
    }
  }

  @Test func `the page names every option that names a kernel`() throws {
    let page = try String(contentsOf: Self.path, encoding: .utf8)
    let help = try Scratch().medfilter("kernel", "--help").stdout
    let options = help.matches(of: #/^ +--([a-z]+) <keys>/#.anchorsMatchLineEndings()).map(\.1)
    #expect(options.count == 10)
    for option in options { #expect(page.contains("`--\(option)`"), "\(option)") }
  }

  /// The page with the output of each command below its line, run beside the JSON file that the page shows.
  private func withTranscripts(_ page: String) throws -> String {
    let scratch = try Scratch()
    let weights = try #require(page.firstMatch(of: #/```json\n(.+?)\n```/#)).1
    try scratch.write(Array(weights.utf8), to: "weights.json")
    var result = ""
    var rest = page[...]
    while let match = rest.firstMatch(of: #/<!-- transcript -->\n```\n\$ medfilter (.+)\n/#) {
      let outcome = try scratch.start(match.1.split(separator: " ").map(String.init)).finish()
      outcome.expect(status: 0)
      result += rest[..<match.range.upperBound] + outcome.stdout
      let end = try #require(rest[match.range.upperBound...].firstRange(of: "```\n"))
      rest = rest[end.lowerBound...]
    }
    return result + rest
  }
}
