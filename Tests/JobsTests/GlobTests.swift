import Jobs
import Testing

@Suite struct GlobTests {
  @Test(
    arguments: [
      ("*.nii", ["a.nii", "x.y.nii"], ["a/b.nii", "a.nii.gz", ".a.nii", ".nii"]),
      ("**/*.nii", ["a.nii", "b/a.nii", "c/b/a.nii"], ["a.nii.gz", ".git/a.nii", "b/.git/a.nii", "b/.a.nii"]),
      ("sub-*/**", ["sub-1/a", "sub-1/b/a"], ["sub-1", "sub/a", "x/sub-1/a", "sub-1/.b/a"]),
      ("**", ["a", "a/b"], [".a", "a/.b"]),
      ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/x", "x/a/b"]),
      ("**/anat/**/*.nii.gz", ["anat/a.nii.gz", "s/anat/x/y/a.nii.gz"], ["s/func/a.nii.gz"]),
      (".*/a", [".git/a"], ["git/a"]),
      ("sub-??", ["sub-01", "sub-äö"], ["sub-1", "sub-001", "sub-0/"]),
      ("sub-[0-9][!0-8]", ["sub-09", "sub-3x"], ["sub-08", "sub-x9"]),
      ("[^a]", ["b"], ["a", ".", "/"]),
      ("[]a]x[[]", ["]x[", "ax["], ["x[", "bx["]),
      ("[a-]", ["a", "-"], ["b"]),
      ("[z-a]", ["a", "m", "z"], ["A"]),
      ("[.]a", [], [".a"]),
      ("a*b*c", ["abc", "axbxc", "abbcc", "abcbc"], ["ab", "acb", "abcx", "xabc"]),
      ("*_T1w.nii*", ["sub_T1w.nii", "x_T1w_T1w.nii.gz"], ["_t1w.nii"]),
      ("T1w", ["T1w"], ["t1w", "T1w/T1w"]),
    ] as [(String, [String], [String])])
  func `patterns match what a shell would`(pattern: String, matching: [String], other: [String]) {
    #expect(Glob.problem(of: pattern, shownAs: "it") == nil)
    let glob = Glob(pattern)
    for path in matching { #expect(glob.matches(path), "\(pattern) should match \(path)") }
    for path in other { #expect(!glob.matches(path), "\(pattern) should not match \(path)") }
  }

  @Test func `stars agree with the slow way to match them`() {
    let letters = ["a", "b", "*", "?"]
    let patterns = words(of: letters, upTo: 4)
    let names = words(of: ["a", "b"], upTo: 5)
    for pattern in patterns where !pattern.contains("**") {
      let glob = Glob(pattern)
      for name in names { #expect(glob.matches(name) == slowly(pattern[...], name[...]), "\(pattern) and \(name)") }
    }
  }

  @Test func `many stars do not take for ever`() {
    let name = String(repeating: "a", count: 250) + "b"
    #expect(!Glob(String(repeating: "*a", count: 100) + "c").matches(name))
    let path = Array(repeating: "a", count: 2000).joined(separator: "/")
    #expect(!Glob(Array(repeating: "**/a", count: 500).joined(separator: "/") + "/b").matches(path))
  }

  @Test(arguments: ["", "/", "/a", "a//", "a//b", "./a", "a/../b", "a**", "**b/c", "[", "a[b", "[]", "a\\*", "a\u{0}"])
  func `patterns that could be misread are refused`(pattern: String) {
    #expect(Glob.problem(of: pattern, shownAs: "it") != nil)
  }

  private func words(of letters: [String], upTo length: Int) -> [String] {
    var all = letters
    var last = letters
    for _ in 1..<length {
      last = last.flatMap { word in letters.map { word + $0 } }
      all += last
    }
    return all
  }

  /// Tries every way to spread the stars.
  private func slowly(_ pattern: Substring, _ name: Substring) -> Bool {
    guard let token = pattern.first else { return name.isEmpty }
    let rest = pattern.dropFirst()
    if token == "*" { return slowly(rest, name) || (!name.isEmpty && slowly(pattern, name.dropFirst())) }
    guard let letter = name.first, token == "?" || token == letter else { return false }
    return slowly(rest, name.dropFirst())
  }
}
