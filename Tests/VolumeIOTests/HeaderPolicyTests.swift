import Testing
import VolumeIO
import Volumes

/// What the tolerant policy lets pass that the strict one refuses, and what neither does: the table of Headers.md.
@Suite struct HeaderPolicyTests {
  /// A header that is odd in a field which the voxels do not depend on.
  struct Oddity: Sendable, CustomTestStringConvertible {
    let name: String
    /// What the strict policy says.
    let refusal: FailureClass
    /// What the tolerant one says.
    let findings: [String]
    let builder: HeaderBuilder
    var testDescription: String { name }

    init(
      _ name: String, _ refusal: FailureClass, _ findings: String..., of builder: HeaderBuilder = HeaderBuilder(),
      _ damage: (inout HeaderBuilder) -> Void
    ) {
      var builder = builder
      damage(&builder)
      (self.name, self.refusal, self.findings, self.builder) = (name, refusal, findings, builder)
    }
  }

  /// A header with both transforms, so that each can stand in for the other.
  private static let both: HeaderBuilder = {
    var builder = HeaderBuilder()
    builder.set("qform_code", 1)
    builder.set("sform_code", 1)
    return builder
  }()

  static let oddities: [Oddity] = [
    Oddity("bitpix 32 for int16", .headerBitpix, "bitpix-wrong") { $0.set("bitpix", 32) },
    Oddity("bitpix -1", .headerBitpix, "bitpix-wrong") { $0.set("bitpix", -1) },
    Oddity("dim[2] 0", .headerDim, "dim-zero") { $0.set("dim", at: 2, 0) },
    Oddity("sform of zeros beside a good qform", .headerTransform, "sform-unusable", of: both) {
      for index in 0..<12 { $0.set("srow", at: index, real: 0) }
    },
    Oddity("sform with a NaN beside a good qform", .headerTransform, "sform-unusable", of: both) {
      $0.set("srow", at: 3, real: .nan)
    },
    Oddity("qform with an infinity beside a good sform", .headerTransform, "qform-unusable", of: both) {
      $0.set("qoffset", at: 0, real: .infinity)
    },
    Oddity("a quaternion of twice the length beside a good sform", .headerTransform, "qform-unusable", of: both) {
      $0.set("quatern", [2, 0, 0])
    },
    Oddity("a quaternion a little too long", .headerTransform, "quaternion-too-long", of: both) {
      $0.set("quatern", [1.0000025, 0, 0])
    },
    Oddity("pixdim -2.5", .headerSpacing, "pixdim-negative", of: both) { $0.set("pixdim", at: 1, real: -1) },
    Oddity("pixdim NaN, sform says more", .headerSpacing, "pixdim-unusable", of: both) {
      $0.set("pixdim", at: 2, real: .nan)
    },
    Oddity("extender 7 with no room", .headerExtension, "extender-odd") { $0.tail[0] = 7 },
    Oddity("extender 7 before bytes of nobody", .headerExtension, "extender-odd", "header-gap") {
      $0.insertExtension(code: 6, data: Array(repeating: 9, count: 24))
      $0.tail[0] = 7
    },
    Oddity("esize 157 that ends where the voxels begin", .headerExtension, "extension-size-odd", "vox-offset-unaligned")
    {
      $0.insertExtension(claiming: 157, data: Array(repeating: 65, count: 149))
    },
    Oddity("an extension that runs into the voxels", .headerExtension, "extension-unusable", "header-gap") {
      $0.insertExtension(claiming: 4096, data: Array(repeating: 65, count: 24))
    },
  ]

  @Test(arguments: oddities) func `the strict policy refuses what the tolerant one finds`(_ oddity: Oddity) throws {
    let failure = failure { () throws(ScanFailure) in try oddity.builder.parse(policy: .strict) }
    #expect(failure?.failureClass == oddity.refusal, "\(failure?.description ?? "accepted")")
    let header = try oddity.builder.parse(policy: .tolerant)
    #expect(Set(header.findings.map(\.code)).isSuperset(of: oddity.findings), "\(header.findings)")
    #expect(header.raw == oddity.builder.header, "the file's own bytes are kept")
  }

  private static let accepted = CatalogueRow.all.filter {
    if case .accepted = $0.verdict { true } else { false }
  }

  @Test(arguments: accepted) func `what the strict policy accepts, the tolerant one reads alike`(
    _ row: CatalogueRow
  ) throws {
    let (strict, tolerant) = (
      try row.builder.parse(row.leniencies, policy: .strict), try row.builder.parse(row.leniencies, policy: .tolerant)
    )
    #expect(strict.findings.map(\.code) == tolerant.findings.map(\.code))
    #expect(strict.dims == tolerant.dims && strict.voxelOffset == tolerant.voxelOffset)
    #expect(strict.scaling == tolerant.scaling && strict.extensions == tolerant.extensions)
    #expect(strict.affineSource == tolerant.affineSource)
  }

  @Test func `the other transform stands in, and what asks for the place learns when there is none`() throws {
    var builder = Self.both
    for index in 0..<12 { builder.set("srow", at: index, real: 0) }
    let byQuaternion = try builder.parse(policy: .tolerant)
    #expect(byQuaternion.affineSource == .qform)
    try byQuaternion.requireAffine()
    builder.set("qform_code", 0)
    let alone = try builder.parse(policy: .tolerant)
    #expect(alone.affineSource == .spacing)
    #expect(throws: ScanFailure.self) { try alone.requireAffine() }
    try HeaderBuilder().parse(policy: .tolerant).requireAffine()
  }

  @Test func `a length that pixdim does not give comes from sform, or does not matter along one voxel`() throws {
    var builder = Self.both
    builder.set("pixdim", at: 3, real: 0)
    #expect(throws: Never.self) { try builder.parse(policy: .tolerant).requireSpacing() }
    builder.set("sform_code", 0)
    #expect(throws: ScanFailure.self) { try builder.parse(policy: .tolerant).requireSpacing() }
    builder.set("dim", at: 3, 1)
    #expect(throws: Never.self) { try builder.parse(policy: .tolerant).requireSpacing() }
  }

  @Test func `an extension of an odd size is padded where it is written`() throws {
    var builder = HeaderBuilder()
    builder.insertExtension(claiming: 157, data: Array(repeating: 65, count: 149))
    let header = try builder.parse(policy: .tolerant)
    let output = try OutputHeader(from: header, voxelType: .float32)
    #expect(output.bytes.count == 352 + 160 && output.bytes[352] == 160)
    let again = try ScanHeader.parse(
      from: MemorySource(output.bytes), form: .singleFile, policy: .strict)
    #expect(again.extensions.first?.data == Array(repeating: 65, count: 149) + [0, 0, 0])
  }

  @Test(arguments: [3000, 3006, 3099, 1008, 1009, 2002, 2005])
  func `intents of tables and surfaces are no volumes`(intent: Int) throws {
    var builder = HeaderBuilder(.two)
    builder.set("intent_code", intent)
    try expectNoVolume(builder)
  }

  @Test func `what holds no volume is refused by name`() throws {
    var cifti = HeaderBuilder(.two)
    cifti.insertExtension(code: 32, data: Array("<CIFTI Version=\"2\">".utf8) + [0, 0, 0, 0, 0])
    try expectNoVolume(cifti)
    var long = HeaderBuilder()
    long.set("dim", at: 1, -1)
    long.set("glmin", 163842)
    try expectNoVolume(long)
    for (i, k) in [(27307, 6), (6827, 6), (10242, 1), (163842, 1)] where i <= 32767 {
      var surface = HeaderBuilder()
      surface.set("dim", [3, i, 1, k, 1, 1, 1, 1])
      try expectNoVolume(surface)
    }
  }

  private func expectNoVolume(_ builder: HeaderBuilder) throws {
    for policy in HeaderPolicy.allCases {
      let failure = failure { () throws(ScanFailure) in try builder.parse(policy: policy) }
      #expect(failure?.failureClass == .notAVolume && failure?.advice != nil, "\(failure?.description ?? "accepted")")
    }
  }

  @Test(arguments: [
    ("/annex/objects/SHA256E-s3--00.nii.gz\n", "git annex get"),
    ("../../.git/annex/objects/x/SHA256E-s3--00.nii.gz", "git annex get"),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"),
    ("<!DOCTYPE html><html><body>403</body></html>", "fetch the scan again"),
    ("{\"message\": \"Not Found\"}", "fetch the scan again"), ("BZh91AY", "bunzip2"),
  ])
  func `placeholders and pages are told as what they are, whatever the name says`(text: String, advice: String) throws {
    let folder = try ScanFolder()
    for name in ["a.nii", "a.nii.gz", "a.nii.zst", "a.hdr"] {
      try folder.write(name, Array(text.utf8))
      let failure = failure { () throws(ScanFailure) in try folder.reader(name) }
      #expect(failure?.failureClass == .unknownFormat, "\(failure?.description ?? "accepted")")
      #expect(failure?.advice?.contains(advice) == true, "\(failure?.description ?? "accepted")")
    }
  }
}
