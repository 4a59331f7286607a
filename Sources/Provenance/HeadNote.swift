import ByteStreams

/// A head as it was found: beside its log, or a copy that was kept elsewhere.
struct HeadNote {
  /// Begins a line with a signature: an em dash and a space.
  static let signatureMark = "— "

  let head: LogHead
  /// Key ID and signature, of those that bear the log's name. Others are witnesses', who are not asked.
  private let signatures: [(keyID: [UInt8], bytes: [UInt8])]

  var isSigned: Bool { !signatures.isEmpty }

  /// `nil` unless every byte is as the format has it.
  init?(_ bytes: [UInt8]) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard lines.count >= 4, lines.last == "", let head = LogHead(lines) else { return nil }
    let rest = lines.dropFirst(3).dropLast()
    guard rest.isEmpty || rest.first == "" && rest.count > 1 else { return nil }
    var signatures: [(keyID: [UInt8], bytes: [UInt8])] = []
    for line in rest.dropFirst() {
      guard let (name, bytes) = Self.signature(line) else { return nil }
      if name == head.origin { signatures.append((Array(bytes.prefix(4)), Array(bytes.dropFirst(4)))) }
    }
    // Invalid UTF-8 was repaired above, so the bytes are compared.
    guard bytes == Array(lines.joined(separator: "\n").utf8) else { return nil }
    (self.head, self.signatures) = (head, signatures)
  }

  /// A head that was handed on as a line of text.
  init(unsigned head: LogHead) { (self.head, signatures) = (head, []) }

  func isSigned(by key: PublicKey) -> Bool {
    let message = Array(head.text.utf8)
    return signatures.contains { $0.keyID == head.keyID(of: key) && key.verifies($0.bytes, of: message) }
  }

  private static func signature(_ line: String) -> (name: Substring, bytes: [UInt8])? {
    guard line.hasPrefix(signatureMark) else { return nil }
    let parts = line.dropFirst(signatureMark.count).split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let bytes = Base64.decode(parts[1]), bytes.count > 4 else { return nil }
    return (parts[0], bytes)
  }
}

extension LogHead {
  /// - Parameter lines: origin, size, root; what follows is not looked at.
  fileprivate init?(_ lines: [String]) {
    guard lines[0].hasPrefix(Self.originPrefix) else { return nil }
    self.init(logID: String(lines[0].dropFirst(Self.originPrefix.count)), size: lines[1], root: lines[2])
  }

  /// Reads the parts as a head writes them.
  init?(logID: String, size: some StringProtocol, root: some StringProtocol) {
    guard LogID.isWellFormed(logID), let number = Int(size), number > 0, "\(number)" == size,
      let digest = Base64.decode(root).flatMap(Digest.init(bytes:))
    else { return nil }
    self.init(logID: logID, size: number, root: digest)
  }
}
