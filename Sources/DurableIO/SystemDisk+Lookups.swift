import Glibc

// What only a verifier asks of the machine's file systems.
extension SystemDisk {
  package func otherNames(in folder: Descriptor) throws(SystemError) -> [OtherName] {
    try listed(folder) { entry, folder in Self.otherName(entry, in: folder) }
  }

  /// Nil for a name that is UTF-8.
  private static func otherName(_ entry: UnsafeMutablePointer<dirent>, in folder: Descriptor) -> OtherName? {
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return nil }
    // Read where it lies: an entry takes no more room than its name.
    let address = UnsafeRawPointer(entry) + offset
    let text = address.assumingMemoryBound(to: CChar.self)
    guard String(validatingCString: text) == nil else { return nil }
    let bytes = UnsafeRawBufferPointer(start: address, count: strlen(text))
    var found = stat()
    let isThere = fstatat(folder.number, text, &found, AT_SYMLINK_NOFOLLOW) == 0
    return OtherName(shown: escaped(bytes), kind: isThere ? FileStatus(found).kind : .other)
  }

  private static func escaped(_ bytes: UnsafeRawBufferPointer) -> String {
    bytes.map { byte in
      guard byte < 0x20 || byte > 0x7E else { return String(UnicodeScalar(byte)) }
      return "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  package func linkTarget(of name: String, in folder: Descriptor) throws(SystemError) -> String {
    let longest = Int(PATH_MAX)
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: longest) { buffer, count in
      buffer.withMemoryRebound(to: CChar.self) { target in
        guard let address = target.baseAddress else { return }
        let read = readlinkat(folder.number, name, address, longest)
        (count, code) = (max(0, read), read < 0 ? errno : 0)
      }
    }
    guard code == 0 else { throw SystemError(code) }
    guard bytes.count < longest, let text = String(validating: bytes, as: UTF8.self) else {
      throw SystemError(ENAMETOOLONG)
    }
    return text
  }

  /// From the kernel's table of locks. Of locks that processes of another machine, or outside of a container, hold it
  /// knows nothing.
  package func isLocked(_ file: FileStatus.Identity) -> Bool {
    // As glibc packs a device's two numbers.
    let major = file.device >> 8 & 0xFFF | file.device >> 32 & 0xFFFF_F000
    let minor = file.device & 0xFF | file.device >> 12 & 0xFFFF_FF00
    let place = "\(Self.hex(major)):\(Self.hex(minor)):\(file.inode)"
    return Self.locks.split(separator: "\n").contains { line in
      // `1: FLOCK  ADVISORY  WRITE 4711 fd:01:123456 0 EOF`; those who wait have `->` behind the number.
      let words = line.split(separator: " ")
      return words.count >= 6 && words[1] == "FLOCK" && words[3] == "WRITE" && words[5] == place
    }
  }

  private static func hex(_ number: UInt64) -> String {
    (number < 16 ? "0" : "") + String(number, radix: 16)
  }

  private static var locks: String {
    let file = Glibc.open("/proc/locks", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { _ = Glibc.close(file) }
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while text.count < 1 << 24 {
      let count = piece.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      text += piece[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }
}
