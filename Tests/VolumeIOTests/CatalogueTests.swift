import Testing
import VolumeIO
import Volumes

@Suite struct CatalogueTests {
  @Test(arguments: CatalogueRow.all) func `every row of the catalogue gets its verdict`(_ row: CatalogueRow) throws {
    switch row.verdict {
    case .refused(let failureClass):
      let failure = failure { () throws(ScanFailure) in try row.builder.parse(row.leniencies) }
      #expect(failure?.failureClass == failureClass, "\(failure?.description ?? "accepted")")
    case .accepted(let findings):
      let header = try row.builder.parse(row.leniencies)
      #expect(header.findings.map(\.code) == findings)
    }
  }

  // The longest rows would take minutes byte by byte.
  @Test(arguments: CatalogueRow.all.filter { $0.builder.bytes.count < 1 << 20 })
  func `the verdict does not depend on how the bytes arrive`(_ row: CatalogueRow) {
    let whole = failure { () throws(ScanFailure) in try row.builder.parse(row.leniencies) }
    let dripping = failure { () throws(ScanFailure) in
      try ScanHeader.parse(
        from: MemorySource(row.builder.bytes, piece: 1), form: row.builder.form, leniencies: row.leniencies,
        policy: .strict)
    }
    #expect(whole == dripping)
  }

  @Test(arguments: CatalogueRow.all.filter { $0.builder.header.count >= 348 })
  func `a refusal says nothing that the header's text says`(_ row: CatalogueRow) {
    var builder = row.builder
    builder.set("descrip", text: "Jane Doe 1950")
    let failure = failure { () throws(ScanFailure) in try builder.parse(row.leniencies) }
    #expect(failure?.description.contains("Jane") != true)
  }

  @Test func `sentences name the place, what was expected and what was found`() {
    let sentences = [
      sentence { $0.set("dim", at: 2, -5) },
      sentence { $0.setOffset(0) },
      sentence { $0.set("bitpix", 32) },
      sentence { $0.setOffset(1_000_000) },
      sentence { $0.header = Array(repeating: 0, count: 128) + Array("DICM".utf8) },
    ]
    #expect(
      sentences == [
        "E_HDR_DIM: dim[2]: expected at least 1, found -5",
        "E_HDR_OFFSET: vox_offset: expected at least 352, found 0; policy.accept \"vox-offset-zero\" lets it pass",
        "E_HDR_BITPIX: bitpix: expected 16 for int16, found 32",
        "E_HDR_OFFSET: vox_offset: expected an offset within the file's 400 bytes, found 1000000",
        "E_FMT_UNKNOWN: the file is DICOM, neither NIfTI-1 nor NIfTI-2; convert it, with dcm2niix for instance",
      ])
  }

  private func sentence(_ damage: (inout HeaderBuilder) -> Void) -> String? {
    var builder = HeaderBuilder()
    damage(&builder)
    return failure { () throws(ScanFailure) in try builder.parse() }?.description
  }
}
