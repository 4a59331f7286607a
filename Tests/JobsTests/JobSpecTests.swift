import Filters
import Jobs
import StrictJSON
import Testing
import VolumeIO

private func sentences(_ text: String) -> [String] {
  switch Corpus.decode(Array(text.utf8), fileName: "job.json") {
  case .success: []
  case .failure(let refusal): refusal.sentences
  }
}

@Suite struct JobSpecTests {
  @Test(arguments: Corpus.good)
  func `good jobs are read, and restated they say the same`(item: Corpus.Item) throws {
    let spec = try Corpus.decode(item.bytes, fileName: "job.json").get()
    let restated = spec.resolved(.none).pretty()
    let again = try Corpus.decode(Array(restated.utf8), fileName: "restated.json").get()
    #expect(again.resolved(.none).pretty() == restated)
  }

  @Test(arguments: Corpus.bad)
  func `bad jobs are refused with these sentences`(item: Corpus.Item) {
    guard case .failure(let refusal) = Corpus.decode(item.bytes, fileName: "job.json") else {
      Issue.record("\(item.name) was read")
      return
    }
    let answer = refusal.sentences.map { "\($0)\n" }.joined()
    #expect(PackageFolder.text(item.answerPath, insteadOf: answer) == answer)
  }

  @Test func `the corpus is there`() {
    #expect(Corpus.good.count >= 10)
    #expect(Corpus.bad.count >= 100)
  }

  @Test func `defaults are those of the contract`() throws {
    let smallest = """
      {"medfilter": 1, "name": "a", "input": {"root": "in"}, "filters": [{"filter": "box", "size_vox": 3}],
       "output": {"root": "out"}}
      """
    let spec = try Corpus.decode(Array(smallest.utf8), fileName: "job.json").get()
    #expect(spec.input.include == [] && spec.input.exclude == [] && spec.input.symlinks == .withinRoot)
    #expect(spec.output.name == "{stem}" && spec.output.format == .niiGzip && spec.output.level == 1)
    #expect(spec.output.voxelType == .stored(.float32) && spec.output.onExists == .refuse)
    #expect(spec.policy.nonFinite == .refuse && spec.policy.names == .relative && spec.policy.accept == [])
    #expect(spec.policy.retention == .all)
    #expect(spec.resources.threads == 0 && spec.resources.memoryBytes == 0)
    #expect(
      spec.resolved(.relativePaths).encoded() == """
        {"medfilter":1,"name":"a","input":{"root":"in","exclude":[],"symlinks":"within-root"},\
        "filters":[{"filter":"box","size_vox":3,"boundary":"reflect"}],\
        "output":{"root":"out","name":"{stem}","format":"nii.gz","voxel_type":"float32","on_exists":"refuse","level":1},\
        "policy":{"nonfinite":"refuse","names":"relative","headers":"tolerant","unchanged":"content","accept":[],"extensions":"keep","text_fields":"keep"},"resources":{"threads":0,"memory_mb":0}}
        """)
  }

  @Test func `restated jobs keep places to themselves`() throws {
    let text = """
      {"medfilter": 1, "name": "a", "input": {"root": "/users/mallory/in", "include": ["sub-Miller/*.nii"]},
       "filters": [{"filter": "mask", "file": "/users/mallory/m.nii"}, {"filter": "mask", "file": "m.nii"}],
       "output": {"root": "out", "name": "{stem}_Miller"}}
      """
    let spec = try Corpus.decode(Array(text.utf8), fileName: "job.json").get()
    let relative = spec.resolved(.relativePaths).encoded()
    #expect(!relative.contains("mallory") && relative.contains("m.nii") && relative.contains("sub-Miller/*.nii"))
    let none = spec.resolved(.noPaths).encoded()
    #expect(!none.contains("Miller") && !none.contains("m.nii") && !none.contains("\"out\""))
  }

  @Test func `a job of 10,000 filters is refused by their number alone`() {
    let filters = Array(repeating: #"{"filter": "sharpen"}"#, count: 10_000).joined(separator: ",")
    let text =
      #"{"medfilter": 1, "name": "a", "input": {"root": "in"}, "output": {"root": "out"}, "filters": [\#(filters)]}"#
    #expect(
      sentences(text) == ["job.json: filters: expected an array of filters (1 to 64), found an array of 10000 (line 1)"]
    )
  }

  @Test func `a file that is no job gets a hundred sentences at most`() {
    let keys = (0..<500).map { "\"key number \($0)\": 1" }.joined(separator: ",")
    let found = sentences("{\(keys)}")
    #expect(found.count == 101)
    #expect(found.last == "job.json: and 405 more errors")
  }

  @Test func `a file beyond 16 MiB is refused unread`() {
    let bytes = [UInt8](repeating: UInt8(ascii: " "), count: (16 << 20) + 1)
    guard case .failure(let refusal) = Corpus.decode(bytes, fileName: "job.json") else {
      Issue.record("it was read")
      return
    }
    #expect(refusal.sentences == ["job.json: expected at most 16777216 bytes, found 16777217 (line 1, column 1)"])
  }

  @Test func `nesting of 100,000 is refused`() {
    let found = sentences(String(repeating: "[", count: 100_000))
    #expect(
      found == ["job.json: expected at most 64 arrays and objects inside each other, found more (line 1, column 65)"])
  }

  /// Cut, doubled and replaced bytes of good jobs: anything but a crash may come of it.
  @Test func `damaged jobs are read or refused`() {
    var random = SystemRandomNumberGenerator()
    for item in Corpus.good where !item.bytes.isEmpty {
      for _ in 0..<200 {
        var bytes = item.bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          let place = Int.random(in: bytes.indices, using: &random)
          bytes[place] =
            Bool.random(using: &random) ? UInt8.random(in: 0...255, using: &random) : bytes[bytes.count / 2]
        }
        if case .failure(let refusal) = Corpus.decode(bytes, fileName: "job.json") {
          #expect(!refusal.sentences.isEmpty)
        }
      }
    }
  }
}
