import Jobs
import Testing
import VolumeIO

@Suite struct OutputNamesTests {
  private func collisions(_ outputs: String...) -> [OutputNames.Collision] {
    OutputNames.collisions(outputs.enumerated().map { ("scan\($0)", $1) })
  }

  @Test(arguments: [
    ("a.nii", "a.nii.gz"), ("sub-01/anat/T1w.nii.zst", "sub-01/anat/T1w.nii.gz"), ("a.b.NII.GZ", "a.b.nii.gz"),
    ("pair.hdr", "pair.nii.gz"), ("a.nii/b.nii", "a.nii/b.nii.gz"),
  ])
  func `the stem keeps its folders and loses its ending`(scan: String, output: String) throws {
    #expect(try OutputNames(template: "{stem}", format: .niiGzip).output(for: scan) == output)
  }

  @Test func `the template may name the stem anywhere, also twice or never`() throws {
    let scan = "sub/x.nii"
    #expect(try OutputNames(template: "s_{stem}_{stem}", format: .nii).output(for: scan) == "sub/s_x_x.nii")
    #expect(try OutputNames(template: "fixed", format: .niiZstd).output(for: scan) == "sub/fixed.nii.zst")
    #expect(try OutputNames(template: "{stem}", format: .nii).output(for: "sub/{stem}.nii") == "sub/{stem}.nii")
  }

  @Test(arguments: [
    ("a.nii", "a.nii"), ("Sub/a.nii", "sub/A.nii"), ("caf\u{E9}.nii", "cafe\u{301}.nii"),
    ("CAF\u{C9}.nii", "cafe\u{301}.nii"), ("ς.nii", "Σ.nii"), ("ſ.nii", "S.nii"), ("\u{212A}.nii", "k.nii"),
  ])
  func `names that one file system or another takes for the same collide`(first: String, second: String) {
    #expect(collisions(first, "other.nii", second).map(\.scans) == [["scan0", "scan2"]])
  }

  @Test func `a file collides with the outputs in a folder of its name`() {
    #expect(collisions("a.nii", "A.nii/x/b.nii", "c.nii").map(\.scans) == [["scan0", "scan1"]])
  }

  @Test func `names that differ do not collide`() {
    #expect(collisions("a.nii", "b.nii", "sub/a.nii", "a.nii.gz", "e.nii", "é.nii").isEmpty)
  }

  @Test func `every collision is told, in order`() {
    let found = collisions("b.nii", "a.nii", "B.nii", "A.nii", "b.nii")
    #expect(found.map(\.scans) == [["scan1", "scan3"], ["scan0", "scan2", "scan4"]])
  }

  @Test(arguments: ["a//b.nii", "../b.nii", "a/./b.nii", ".medfilter/a.nii", ""])
  func `names that no file can have, or that are medfilter's own, are faults`(output: String) {
    #expect(OutputNames.fault(of: output) != nil)
  }

  @Test func `a name may have 255 bytes and no more`() {
    #expect(OutputNames.fault(of: "a/" + String(repeating: "é", count: 127) + "a") == nil)
    #expect(OutputNames.fault(of: "a/" + String(repeating: "é", count: 128)) != nil)
  }
}

@Suite struct ScanNamingTests {
  @Test func `paths are shown as they are, or as a keyed hash that tells nothing and stays the same`() {
    #expect(ScanNaming.relative.shown("sub-01/a.nii") == "sub-01/a.nii")
    let keyed = ScanNaming.keyed(Array(repeating: 7, count: 16))
    // python3: hmac.new(bytes([7] * 16), b"sub-01/a.nii", "sha256").hexdigest()[:32]
    #expect(keyed.shown("sub-01/a.nii") == "hmac:de255264ade2808668f2563f9860b83b")
    #expect(keyed.shown("sub-01/b.nii") != keyed.shown("sub-01/a.nii"))
    #expect(ScanNaming.keyed(Array(repeating: 8, count: 16)).shown("sub-01/a.nii") != keyed.shown("sub-01/a.nii"))
  }
}
