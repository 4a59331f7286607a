import ByteStreams
import CNIfTI
import Volumes

/// A piece of data that some program keeps in the header; copied to the output byte for byte.
package struct HeaderExtension: Sendable, Hashable {
  package let code: Int32
  /// Without the eight bytes of size and code.
  package let data: [UInt8]

  package init(code: Int32, data: [UInt8]) {
    self.code = code
    self.data = data
  }

  /// With size and code: what it takes in the file.
  package var bytes: Int { data.count + 8 }
}

/// Reads the extender and the extensions, and leaves the stream at their end.
struct ExtensionReader {
  /// Bytes between the extender and the voxels; `nil` in a pair, where extensions go on to the end of the `.hdr`.
  private let room: Int?
  private let byteOrder: ByteOrder
  private(set) var extensions: [HeaderExtension] = []
  private(set) var findings: [Finding] = []
  /// What the extender says, whether there are any or not.
  private(set) var announced = false
  private var used = 0
  private var policy = HeaderPolicy.strict

  private static let countLimit = 4096

  init(room: Int?, byteOrder: ByteOrder) {
    self.room = room
    self.byteOrder = byteOrder
  }

  /// - Parameter version: for the message only.
  mutating func read(
    _ stream: inout HeaderStream, version: NIfTIVersion, _ policy: HeaderPolicy
  ) throws(ScanFailure) {
    self.policy = policy
    let extender = try stream.take(upTo: 4)
    // A `.hdr` may end with the header; that means "no extensions".
    if room == nil, extender.isEmpty { return }
    guard extender.count == 4 else {
      throw .truncatedHeader(expected: version.fixedBytes, found: version.headerBytes + extender.count)
    }
    if extender[0] > 1 {
      // Other programs, too, see extensions behind a 1 only.
      try tolerate(
        .header(.headerExtension, "extender[0]", expected: "0 or 1", found: "\(extender[0])"), as: "extender-odd",
        using: "no extensions are looked for")
    } else if extender[1...] != [0, 0, 0] {
      warn("extender-reserved", "extender[1...3] are not all 0 and are not copied")
    }
    announced = extender[0] == 1
    if announced { try readWhatThereIs(&stream) }
    noteOddCodes()
  }

  /// Voxels begin where `vox_offset` says, whatever the extensions are like.
  private mutating func readWhatThereIs(_ stream: inout HeaderStream) throws(ScanFailure) {
    do throws(ScanFailure) {
      try readAll(&stream)
    } catch {
      guard error.failureClass == .headerExtension else { throw error }
      try tolerate(error, as: "extension-unusable", using: "it and what follows it are not copied")
    }
  }

  private mutating func tolerate(_ fault: ScanFailure, as code: String, using used: String) throws(ScanFailure) {
    findings.append(try policy.finding(insteadOf: fault, code, using: used))
  }

  private mutating func readAll(_ stream: inout HeaderStream) throws(ScanFailure) {
    // A size that is no multiple of 16 may leave fewer bytes than an extension has.
    while room.map({ $0 - used >= 16 }) ?? true {
      let head = try stream.take(upTo: 8)
      if room == nil, head.isEmpty { break }
      let size = try checkedSize(head)
      let data = try stream.take(upTo: size - 8)
      guard data.count == size - 8 else {
        throw wrong("\(size) bytes", found: "\(data.count + 8), then the end of the file")
      }
      let code = UInt32(truncatingIfNeeded: UInt64(bytes: head[4..<8], order: byteOrder))
      if size % 16 != 0 {
        warn(
          "extension-size-odd", "extension \(extensions.count) has \(size) bytes, no multiple of 16; zeros are added")
      }
      extensions.append(HeaderExtension(code: Int32(bitPattern: code), data: data))
      used += size
    }
    if extensions.isEmpty { warn("extender-no-room", "the extender announces extensions, there is room for none") }
  }

  /// The size that the next extension claims; everything is checked before a byte of it is read.
  private func checkedSize(_ head: [UInt8]) throws(ScanFailure) -> Int {
    guard head.count == 8 else { throw wrong("8 bytes of size and code", found: "\(head.count)") }
    let pattern = UInt32(truncatingIfNeeded: UInt64(bytes: head[0..<4], order: byteOrder))
    let size = Int(Int32(bitPattern: pattern))
    guard size >= 16 || policy == .tolerant && size >= 8, size % 16 == 0 || policy == .tolerant else {
      throw wrong("a positive multiple of 16 bytes", found: "\(size)")
    }
    if let room, size > room - used { throw wrong("at most \(room - used) bytes, up to the voxels", found: "\(size)") }
    guard size <= HeaderChecks.extensionBytesLimit - used else {
      throw wrong("at most \(HeaderChecks.extensionBytesLimit) bytes in all", found: "\(used + size)")
    }
    guard extensions.count < Self.countLimit else {
      throw wrong("at most \(Self.countLimit) extensions", found: "more")
    }
    return size
  }

  private func wrong(_ expected: String, found: String) -> ScanFailure {
    .header(.headerExtension, "extension \(extensions.count)", expected: expected, found: found)
  }

  /// One finding per kind: a file may hold thousands of extensions.
  private mutating func noteOddCodes() {
    let unassigned = extensions.filter { cnifti_extension_code_is_assigned($0.code) == 0 }
    if let first = unassigned.first {
      warn("extension-code-unassigned", "\(unassigned.count) extensions have such codes, the first \(first.code)")
    }
    let dicom = extensions.count { $0.code == 2 }
    if dicom > 0 { warn("extension-dicom", "\(dicom) extensions hold DICOM attributes, which may identify a patient") }
  }

  private mutating func warn(_ code: String, _ detail: String) { findings.append(Finding(code, detail)) }
}
