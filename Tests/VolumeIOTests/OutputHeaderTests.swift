import SeededNumbers
import Testing
import VolumeIO
import Volumes

@Suite struct OutputHeaderTests {
  @Test(arguments: HeaderReadingTests.kinds) func `a reader finds the input's grid under the new type`(
    _ version: NIfTIVersion, _ order: ByteOrder
  ) throws {
    var builder = HeaderBuilder(version, order)
    builder.set("dim", [4, 4, 3, 2, 5, 1, 1, 1])
    builder.set("scl_slope", [3, 7.0])
    builder.set("cal_max", real: 99)
    builder.insertExtension(code: 6, data: Array(1...24))
    let input = try builder.parse()
    let output = try OutputHeader(from: input, voxelType: .float64)
    let reread = try ScanHeader.parse(from: MemorySource(output.bytes), form: .singleFile)
    #expect((reread.version, reread.byteOrder) == (version, .littleEndian))
    #expect(reread.dims == input.dims)
    #expect(reread.voxelType == .float64)
    #expect(reread.scaling == .identity)
    #expect(reread.affine == input.affine)
    #expect(reread.spacing == input.spacing)
    #expect(reread.extensions == input.extensions)
    #expect(reread.voxelOffset == output.bytes.count)
    #expect(output.voxelBytes == reread.voxelBytes)
    #expect(reread.findings == [])
  }

  @Test(arguments: [NIfTIVersion.one, .two]) func `only the fields that must change do change`(_ version: NIfTIVersion)
    throws
  {
    // Text, unused bytes and the padding get values nobody expects.
    var builder = HeaderBuilder(version)
    var generator = SeededNumbers(seed: 11)
    for place in version == .one ? Array(4..<32) + Array(148..<252) : Array(240..<344) + Array(525..<540) {
      builder.header[place] = .random(in: 0...255, using: &generator)
    }
    builder.set("cal_max", real: 99)
    let output = try OutputHeader(from: builder.parse(), voxelType: .float32)
    let changed = zip(output.bytes, builder.header).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
    let allowed =
      version == .one ? Array(70..<74) + Array(108..<120) + Array(124..<132) : Array(12..<16) + Array(168..<208)
    #expect(Set(changed).isSubset(of: allowed), "changed \(changed)")
    #expect(output.bytes.count == version.fixedBytes)
  }

  @Test(arguments: [NIfTIVersion.one, .two]) func `the same header in either byte order gives the same output`(
    _ version: NIfTIVersion
  ) throws {
    let outputs = try [ByteOrder.littleEndian, .bigEndian].map { order in
      var builder = HeaderBuilder(version, order)
      builder.set("intent_p", [1.25, -2.5, 3])
      builder.set("intent_code", 2001)
      builder.set("slice_end", 1)
      builder.set("descrip", text: "kept as it is")
      builder.insertExtension(code: 4, data: Array(1...40))
      return try OutputHeader(from: builder.parse(), voxelType: .uint8).bytes
    }
    #expect(outputs[0] == outputs[1])
  }

  @Test(arguments: [(VoxelType.uint8, true), (.int16, false), (.float32, false), (.float64, false)])
  func `a type that is too wide for the largest scans is refused`(_ type: VoxelType, _ isAccepted: Bool) throws {
    // 2^61 bytes can be counted, 2^62 are too many, and 2^64 are none.
    var builder = HeaderBuilder(.two)
    builder.set("datatype", 2)
    builder.set("bitpix", 8)
    builder.set("dim", [4, 1 << 20, 1 << 20, 1 << 18, 8, 1, 1, 1])
    let input = try builder.parse()
    if isAccepted {
      #expect(try OutputHeader(from: input, voxelType: type).voxelBytes == 1 << 61)
    } else {
      let failure = #expect(throws: ScanFailure.self) { try OutputHeader(from: input, voxelType: type) }
      #expect(failure?.failureClass == .headerOverflow)
    }
  }

  @Test(arguments: HeaderReadingTests.kinds) func `cleared text leaves nothing but numbers`(
    _ version: NIfTIVersion, _ order: ByteOrder
  ) throws {
    var builder = HeaderBuilder(version, order)
    let text =
      version == .one
      ? Array(4..<32) + Array(148..<252) + Array(328..<344)
      : Array(240..<344) + Array(508..<524)
        + Array(525..<540)
    let plain = try OutputHeader(from: builder.parse(), voxelType: .float32)
    for place in text { builder.header[place] = 0x41 }
    let kept = try OutputHeader(from: builder.parse(), voxelType: .float32)
    #expect(text.allSatisfy { kept.bytes[$0] == 0x41 })
    let cleared = try OutputHeader(
      from: builder.parse(), voxelType: .float32, retention: HeaderRetention(textFields: .clear))
    #expect(cleared.bytes == plain.bytes)
  }

  @Test(arguments: HeaderReadingTests.kinds) func `extensions are kept, dropped, or chosen by their codes`(
    _ version: NIfTIVersion, _ order: ByteOrder
  ) throws {
    var builder = HeaderBuilder(version, order)
    for (code, length) in [(2, 24), (6, 8), (4, 40), (6, 24)] {
      builder.insertExtension(code: code, data: Array(repeating: UInt8(length), count: length))
    }
    let input = try builder.parse()
    func kept(_ extensions: HeaderRetention.Extensions) throws -> [HeaderExtension] {
      let output = try OutputHeader(
        from: input, voxelType: .int16, retention: HeaderRetention(extensions: extensions))
      let reread = try ScanHeader.parse(from: MemorySource(output.bytes), form: .singleFile)
      #expect(reread.voxelOffset == output.bytes.count)
      return reread.extensions
    }
    #expect(try kept(.keep) == input.extensions)
    #expect(try kept(.drop) == [])
    #expect(try kept(.only([6])) == [input.extensions[1], input.extensions[3]])
    #expect(try kept(.only([6, 2])) == [input.extensions[0], input.extensions[1], input.extensions[3]])
    #expect(try kept(.only([44])) == [])
  }

  @Test func `a pair becomes a single file`() throws {
    var builder = HeaderBuilder(form: .pair)
    builder.insertExtension(code: 6, data: Array(1...8))
    let output = try OutputHeader(from: builder.parse(), voxelType: .int16)
    let reread = try ScanHeader.parse(from: MemorySource(output.bytes), form: .singleFile)
    #expect(reread.voxelOffset == 368)
    #expect(reread.extensions.map(\.data) == [Array(1...8)])
  }

  @Test func `the scaling is the one that the header can hold`() throws {
    let input = try HeaderBuilder().parse()
    let output = try OutputHeader(from: input, voxelType: .int16, scaling: Scaling(slope: 0.1, intercept: 1 / 3))
    #expect(output.scaling == Scaling(slope: Double(Float(0.1)), intercept: Double(Float(1.0 / 3))))
    let refusal = failure { () throws(ScanFailure) in
      try OutputHeader(from: input, voxelType: .int16, scaling: Scaling(slope: 1e300, intercept: 0))
    }
    #expect(refusal?.failureClass == .headerScale)
    let wide = try OutputHeader(
      from: HeaderBuilder(.two).parse(), voxelType: .int16, scaling: Scaling(slope: 1e300, intercept: 0))
    #expect(wide.scaling.slope == 1e300)
  }
}
