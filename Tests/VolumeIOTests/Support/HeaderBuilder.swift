import VolumeIO

/// Writes headers byte by byte, good ones and broken ones, with a table of places that is not the reader's own.
///
/// Starts as a good single file: 4×3×2 int16, 1×1.5×2.5 mm, a qform and an sform that agree.
struct HeaderBuilder {
  var version: NIfTIVersion
  var byteOrder: ByteOrder
  var form: HeaderForm
  var header: [UInt8]
  /// What follows the header: extender, extensions, voxels.
  var tail: [UInt8]

  init(_ version: NIfTIVersion = .one, _ byteOrder: ByteOrder = .littleEndian, form: HeaderForm = .singleFile) {
    self.version = version
    self.byteOrder = byteOrder
    self.form = form
    header = Array(repeating: 0, count: version == .one ? 348 : 540)
    tail = [0, 0, 0, 0] + Array(repeating: 7, count: form == .singleFile ? 48 : 0)
    set("sizeof_hdr", header.count)
    set("magic", text: form == .singleFile ? "n+\(version.rawValue)" : "ni\(version.rawValue)")
    if version == .two { header.replaceSubrange(8..<12, with: [0x0D, 0x0A, 0x1A, 0x0A]) }
    set("dim", [3, 4, 3, 2, 1, 1, 1, 1])
    set("datatype", 4)
    set("bitpix", 16)
    set("pixdim", [1, 1, 1.5, 2.5, 0, 0, 0, 0])
    setOffset(form == .singleFile ? header.count + 4 : 0)
    set("xyzt_units", 10)
    set("qform_code", 1)
    set("sform_code", 1)
    set("qoffset", [-10, -20, -30])
    set("srow", [1, 0, 0, -10, 0, 1.5, 0, -20, 0, 0, 2.5, -30])
  }

  var bytes: [UInt8] { header + tail }

  /// Name → place in NIfTI-1 and in NIfTI-2: offset, bytes of a number, whether it is a real number.
  private static let places: [String: (one: (Int, Int, Bool), two: (Int, Int, Bool))] = [
    "sizeof_hdr": ((0, 4, false), (0, 4, false)),
    "magic": ((344, 1, false), (4, 1, false)),
    "dim_info": ((39, 1, false), (524, 1, false)),
    "dim": ((40, 2, false), (16, 8, false)),
    "intent_p": ((56, 4, true), (80, 8, true)),
    "intent_code": ((68, 2, false), (504, 4, false)),
    "datatype": ((70, 2, false), (12, 2, false)),
    "bitpix": ((72, 2, false), (14, 2, false)),
    "slice_start": ((74, 2, false), (224, 8, false)),
    "pixdim": ((76, 4, true), (104, 8, true)),
    "vox_offset": ((108, 4, true), (168, 8, false)),
    "scl_slope": ((112, 4, true), (176, 8, true)),
    "scl_inter": ((116, 4, true), (184, 8, true)),
    "slice_end": ((120, 2, false), (232, 8, false)),
    "slice_code": ((122, 1, false), (496, 4, false)),
    "slice_duration": ((132, 4, true), (208, 8, true)),
    "toffset": ((136, 4, true), (216, 8, true)),
    "xyzt_units": ((123, 1, false), (500, 4, false)),
    "cal_max": ((124, 4, true), (192, 8, true)),
    "cal_min": ((128, 4, true), (200, 8, true)),
    // NIfTI-2 has none.
    "glmin": ((144, 4, false), (144, 0, false)),
    "descrip": ((148, 1, false), (240, 1, false)),
    "qform_code": ((252, 2, false), (344, 4, false)),
    "sform_code": ((254, 2, false), (348, 4, false)),
    "quatern": ((256, 4, true), (352, 8, true)),
    "qoffset": ((268, 4, true), (376, 8, true)),
    "srow": ((280, 4, true), (400, 8, true)),
  ]

  mutating func set(_ name: String, _ value: Int) { set(name, at: 0, value) }

  mutating func set(_ name: String, _ values: [Int]) {
    for (index, value) in values.enumerated() { set(name, at: index, value) }
  }

  /// Also for real numbers that happen to be whole.
  mutating func set(_ name: String, at index: Int, _ value: Int) {
    if place(name).2 { return set(name, at: index, real: Double(value)) }
    set(name, at: index, pattern: UInt64(bitPattern: Int64(value)))
  }

  mutating func set(_ name: String, at index: Int = 0, real value: Double) {
    set(name, at: index, pattern: place(name).1 == 4 ? UInt64(Float(value).bitPattern) : value.bitPattern)
  }

  mutating func set(_ name: String, _ values: [Double]) {
    for (index, value) in values.enumerated() { set(name, at: index, real: value) }
  }

  mutating func set(_ name: String, text: String) {
    let start = place(name).0
    header.replaceSubrange(start..<start + text.utf8.count, with: Array(text.utf8))
  }

  mutating func setOffset(_ offset: Int) { set("vox_offset", offset) }

  /// Appends an extension with any claimed size, whatever data it really has; `offset` is moved by the caller.
  mutating func appendExtension(size: Int, code: Int, data: [UInt8]) {
    tail +=
      spelled(UInt64(bitPattern: Int64(size)), bytes: 4) + spelled(UInt64(bitPattern: Int64(code)), bytes: 4) + data
  }

  /// A good extension in front of the voxels.
  mutating func insertExtension(code: Int, data: [UInt8]) {
    let voxels = tail.suffix(form == .singleFile ? 48 : 0)
    tail.removeLast(voxels.count)
    tail[0] = 1
    appendExtension(size: data.count + 8, code: code, data: data)
    if form == .singleFile { setOffset(header.count + tail.count) }
    tail += voxels
  }

  /// The same, with a size that need not be that of the data.
  mutating func insertExtension(claiming size: Int, data: [UInt8]) {
    let voxels = tail.suffix(48)
    tail = [1, 0, 0, 0]
    appendExtension(size: size, code: 6, data: data)
    setOffset(header.count + tail.count)
    tail += voxels
  }

  private func place(_ name: String) -> (Int, Int, Bool) {
    guard let places = Self.places[name] else { preconditionFailure("no field \(name)") }
    return version == .one ? places.one : places.two
  }

  private mutating func set(_ name: String, at index: Int, pattern: UInt64) {
    let (offset, width, _) = place(name)
    let start = offset + index * width
    header.replaceSubrange(start..<start + width, with: spelled(pattern, bytes: width))
  }

  private func spelled(_ pattern: UInt64, bytes: Int) -> [UInt8] {
    let little = (0..<bytes).map { UInt8(truncatingIfNeeded: pattern >> UInt64(8 * $0)) }
    return byteOrder == .littleEndian ? little : little.reversed()
  }
}
