import SeededNumbers
import Testing
import VolumeIO
import Volumes

/// Whatever is done to a header, it is refused or everything it promises holds, and libnifti agrees.
@Suite struct DamageTests {
  @Test(arguments: HeaderReadingTests.kinds) func `no change of one byte breaks a promise`(
    _ version: NIfTIVersion, _ order: ByteOrder
  ) throws {
    var good = HeaderBuilder(version, order)
    good.insertExtension(code: 4, data: Array(1...24))
    var accepted = 0
    for place in 0..<version.fixedBytes + 8 {
      for flip: UInt8 in [0x01, 0x80, 0x7F, 0xFF] {
        var bytes = good.bytes
        bytes[place] ^= flip
        if check(bytes, "byte \(place) ^ \(flip)") { accepted += 1 }
      }
    }
    // Half of a header is text and what nobody uses.
    #expect(accepted > version.fixedBytes)
  }

  @Test(arguments: HeaderReadingTests.kinds) func `no random damage breaks a promise`(
    _ version: NIfTIVersion, _ order: ByteOrder
  ) throws {
    var generator = SeededNumbers(seed: 2026)
    var good = HeaderBuilder(version, order)
    good.insertExtension(code: 4, data: Array(1...24))
    var accepted = 0
    for round in 0..<20_000 {
      var bytes = good.bytes
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        bytes[Int.random(in: 4..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      if check(bytes, "seed 2026, round \(round)") { accepted += 1 }
    }
    #expect(accepted > 2_000)
  }

  @Test(arguments: HeaderReadingTests.kinds) func `no cut breaks a promise`(_ version: NIfTIVersion, _ order: ByteOrder)
  {
    var good = HeaderBuilder(version, order)
    good.insertExtension(code: 4, data: Array(1...24))
    for length in 0..<good.bytes.count - 48 {
      let cut = failure { () throws(ScanFailure) in
        try ScanHeader.parse(from: MemorySource(Array(good.bytes.prefix(length))), form: .singleFile)
      }
      #expect(cut != nil, "cut to \(length)")
    }
  }

  /// True when the header was accepted.
  private func check(_ bytes: [UInt8], _ what: String) -> Bool {
    do {
      let header = try ScanHeader.parse(
        from: MemorySource(bytes), form: .singleFile, leniencies: Set(Leniency.allCases))
      #expect(header.dims.reduce(1, *) * header.voxelType.bytes == header.voxelBytes, "\(what)")
      #expect(header.spacing.array.allSatisfy { (1e-6...1e4).contains($0) }, "\(what)")
      #expect(header.affine.rows.joined().allSatisfy { $0.isFinite }, "\(what)")
      #expect(header.scaling.slope.isFinite && header.scaling.slope != 0, "\(what)")
      #expect(header.scaling.intercept.isFinite, "\(what)")
      #expect(header.voxelOffset >= header.version.fixedBytes, "\(what)")
      // What was accepted can be written, and what was written is accepted as it is.
      let output = try OutputHeader(from: header, voxelType: .float32)
      _ = try ScanHeader.parse(
        from: MemorySource(output.bytes), form: .singleFile, leniencies: Set(Leniency.allCases))
      return true
    } catch {
      #expect(error.failureClass != .libraryDisagrees, "\(what): \(error)")
      return false
    }
  }
}
