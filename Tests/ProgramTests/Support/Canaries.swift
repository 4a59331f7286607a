import Foundation
import Glibc
import Testing

/// Texts that must not get about, each planted in one place of an archive and its job, and where they turned up.
struct Canaries {
  private(set) var planted: [String] = []

  /// A new text for a place: short enough for the smallest field, no part of another.
  mutating func plant() -> String {
    planted.append("CANARY\(String(planted.count + 1000).dropFirst())")
    return planted[planted.count - 1]
  }

  /// A scan unlike the others: verifying goes by digests where names are hidden.
  private func scan() -> TinyScan { .noise(6, 5, 4, seed: UInt64(planted.count + 1)) }

  /// Those that occur in some bytes.
  func found(in bytes: [UInt8]) -> [String] {
    // One search for all: most texts hold none.
    guard bytes.contains(Array("CANARY".utf8)) else { return [] }
    return planted.filter { bytes.contains(Array($0.utf8)) } + (planted.isEmpty ? ["CANARY"] : [])
  }
}

extension Canaries {
  /// An archive whose names, headers and bytes between the voxels all hold canaries, sound scans and others.
  mutating func plantArchive(in scratch: Scratch, root: String) throws {
    try plantHeaders(in: scratch, root: root)
    try plantContents(in: scratch, root: root)
    try plantNames(in: scratch, root: root)
  }

  /// Text in every place that a header has for it, in sound scans.
  private mutating func plantHeaders(in scratch: Scratch, root: String) throws {
    // data_type, db_name, descrip, behind the end of descrip, aux_file, intent_name
    var one = scan().bytes(withExtensions: [(6, plant()), (2, plant()), (4, plant()), (77, plant())])
    for offset in [4, 14, 148, 200, 228, 328] { one.write(plant(), at: offset) }
    try scratch.write(one, to: "\(root)/\(plant())/\(plant()).nii")
    var two = scan().nifti2
    // descrip, aux_file, intent_name, unused_str
    for offset in [240, 320, 508, 525] { two.write(plant(), at: offset) }
    try scratch.write(two, to: "\(root)/two.nii")
    var pair = Array(one[..<348]) + [0, 0, 0, 0]
    pair.write("ni1", at: 344)
    pair.replaceSubrange(108..<112, with: [0, 0, 0, 0])
    let name = plant()
    try scratch.write(pair, to: "\(root)/\(name).hdr")
    try scratch.write(Array(scan().bytes[352...]), to: "\(root)/\(name).img")
  }

  /// Bytes that are no header and no voxels, in scans that are accepted or refused for them.
  private mutating func plantContents(in scratch: Scratch, root: String) throws {
    var packed = scan().gzipped
    // FEXTRA, FNAME and FCOMMENT
    packed[3] = 4 | 8 | 16
    let extra = Array(plant().utf8)
    packed.insert(
      contentsOf: [UInt8(extra.count), 0] + extra + Array(plant().utf8) + [0] + Array(plant().utf8) + [0], at: 10)
    try scratch.write(packed, to: "\(root)/\(plant()).nii.gz")
    var gap = scan().bytes
    let room = Array(plant().utf8) + Array(repeating: 32, count: 7)
    gap.replaceSubrange(108..<112, with: withUnsafeBytes(of: Float(352 + room.count)) { Array($0) })
    gap.insert(contentsOf: room, at: 352)
    try scratch.write(gap, to: "\(root)/gap.nii")
    try scratch.write(scan().bytes + Array(plant().utf8), to: "\(root)/trailing.nii")
    try scratch.write(Array("<nifti_image nifti_type = '\(plant())'".utf8), to: "\(root)/text.nii")
    try scratch.write(Array("Patient name: \(plant())".utf8), to: "\(root)/letter.nii")
    var magic = scan().bytes
    magic.write("\(plant())x", at: 340)
    try scratch.write(magic, to: "\(root)/magic.nii")
    try scratch.write(Array(scan().bytes.dropLast()), to: "\(root)/\(plant()).nii")
    try scratch.write([], to: "\(root)/\(plant())-empty.nii")
  }

  /// Names that only just can be had, or cannot be read.
  private mutating func plantNames(in scratch: Scratch, root: String) throws {
    try scratch.write(scan(), to: "\(root)/\(plant())\n\(plant()).nii")
    try scratch.write(scan(), to: "\(root)/\u{1B}]0;\(plant())\u{7}.nii")
    try scratch.write(scan().bytes, to: "\(root)/\(plant()).img")
    try scratch.write(scan(), to: "\(root)/inside/\(plant()).nii")
    try scratch.link("\(root)/link.nii", to: "inside/\(planted.last ?? "").nii")
    try scratch.link("\(root)/\(plant()).nii", to: "\(plant())-nowhere")
    try scratch.write(scan(), to: "elsewhere/\(plant()).nii")
    try scratch.link("\(root)/\(plant())-folder", to: scratch.place("elsewhere"))
    try scratch.link("\(root)/\(plant())-out.nii", to: scratch.place("elsewhere/\(planted[planted.count - 2]).nii"))
    try FileManager.default.createDirectory(
      atPath: scratch.place("\(root)/\(plant()).nii"), withIntermediateDirectories: true)
    mkfifo(scratch.place("\(root)/\(plant())-pipe.nii"), 0o600)
    // A name that is no UTF-8, which Foundation would not write.
    let bytes = Array("\(scratch.place(root))/\(plant())".utf8) + [0xFF] + Array(".nii".utf8) + [0]
    let file = open(bytes.map { CChar(bitPattern: $0) }, O_CREAT | O_WRONLY, 0o600)
    #expect(file >= 0)
    close(file)
  }
}

extension [UInt8] {
  fileprivate mutating func write(_ text: String, at offset: Int) {
    replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
  }
}

extension TinyScan {
  /// The same scan under the other header.
  fileprivate var nifti2: [UInt8] {
    var header = [UInt8](repeating: 0, count: 544)
    func put<T>(_ value: T, at offset: Int) {
      withUnsafeBytes(of: value) { header.replaceSubrange(offset..<offset + $0.count, with: $0) }
    }
    put(Int32(540), at: 0)
    header.replaceSubrange(4..<12, with: Array("n+2\0\r\n\u{1A}\n".utf8))
    put(type.rawValue, at: 12)
    put(Int16(8 * type.bytes), at: 14)
    let lengths = [dims.count] + dims + Array(repeating: 1, count: 7 - dims.count)
    for (index, length) in lengths.enumerated() { put(Int64(length), at: 16 + 8 * index) }
    for (index, length) in ([1] + spacing).enumerated() { put(Double(length), at: 104 + 8 * index) }
    put(Int64(544), at: 168)
    put(Double(slope), at: 176)
    put(Int32(2), at: 500)
    return header + bytes[Self.headerBytes...]
  }
}
