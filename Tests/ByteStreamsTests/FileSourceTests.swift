import ByteStreams
import Foundation
import Glibc
import Testing
import Volumes

@Suite struct FileSourceTests {
  private let outside = Array("secret".utf8)
  private let inside = Sample.scanLike(200_000)
  private let folder: TemporaryFolder

  /// root/ with a file, a folder, and links of every kind; a file beside root.
  init() throws {
    folder = try TemporaryFolder()
    try folder.folder("root/sub/deep")
    try folder.write(outside, to: "outside")
    try folder.write(inside, to: "root/sub/scan")
    try folder.link("root/link", to: "sub/scan")
    try folder.link("root/sub/deep/up", to: "../scan")
    try folder.link("root/folder", to: "sub")
    try folder.link("root/chain", to: "./folder/deep/../../link")
    try folder.link("root/leaving", to: "../outside")
    try folder.link("root/absolute", to: "\(folder.path)/root/sub/scan")
    try folder.link("root/dangling", to: "nothing")
    try folder.link("root/loop", to: "loop")
    try folder.link("root/sub/root", to: "..")
  }

  private enum Found: Equatable {
    case inside, outside
    case refused(FailureClass)
  }

  private func open(_ path: String, _ links: LinkPolicy, nameByName: Bool) throws -> Found {
    let root = Glibc.open("\(folder.path)/root", O_RDONLY | O_DIRECTORY)
    defer { close(root) }
    do throws(ScanFailure) {
      let file = try FileSource(root: root, path: path, links: links, nameByName: nameByName)
      let bytes = try file.readBytes(atMost: 1 << 20)
      #expect(try file.finish() == SHA256.digest(of: bytes))
      return bytes == inside ? .inside : .outside
    } catch {
      return .refused(error.failureClass)
    }
  }

  @Test(arguments: [false, true])
  func `links are followed as far as the policy says`(nameByName: Bool) throws {
    let link = Found.refused(.symbolicLink)
    let missing = Found.refused(.cannotOpen)
    // path, refuse, within-root, follow
    let table: [(String, Found, Found, Found)] = [
      ("sub/scan", .inside, .inside, .inside),
      ("link", link, .inside, .inside),
      ("sub/deep/up", link, .inside, .inside),
      ("folder/scan", link, .inside, .inside),
      ("folder/deep/up", link, .inside, .inside),
      ("chain", link, .inside, .inside),
      ("sub/root/sub/scan", link, .inside, .inside),
      ("sub/root/sub/root/link", link, .inside, .inside),
      ("leaving", link, link, .outside),
      ("absolute", link, .inside, .inside),
      ("dangling", link, missing, missing),
      ("loop", link, link, link),
      ("nothing", missing, missing, missing),
      ("sub/scan/more", missing, missing, missing),
      ("sub", .refused(.notAFile), .refused(.notAFile), .refused(.notAFile)),
      ("sub/root", link, .refused(.notAFile), .refused(.notAFile)),
    ]
    for (path, refuse, withinRoot, follow) in table {
      #expect(try open(path, .refuse, nameByName: nameByName) == refuse, "\(path)")
      #expect(try open(path, .withinRoot, nameByName: nameByName) == withinRoot, "\(path)")
      #expect(try open(path, .follow, nameByName: nameByName) == follow, "\(path)")
    }
  }

  @Test(arguments: LinkPolicy.allCases)
  func `names that are more than names are refused`(_ links: LinkPolicy) throws {
    for path in [
      "", "/", "/etc/passwd", "../outside", "sub/../../outside", "sub/../sub/scan", "./sub/scan", "sub//scan", "sub/",
      "sub/scan\0", String(repeating: "a", count: 256), String(repeating: "a/", count: 3000) + "a",
    ] {
      #expect(try open(path, links, nameByName: false) == .refused(.cannotOpen), "\(path.prefix(20))")
      #expect(try open(path, links, nameByName: true) == .refused(.cannotOpen), "\(path.prefix(20))")
    }
  }

  // Who is held is held for ever; the minutes are for machines so busy that they come late to a test.
  @Test(.timeLimit(.minutes(10)), arguments: [false, true])
  func `only regular files are read, and pipes do not hold us`(nameByName: Bool) throws {
    mkfifo("\(folder.path)/root/pipe", 0o600)
    #expect(try open("pipe", .refuse, nameByName: nameByName) == .refused(.notAFile))
    try folder.link("root/device", to: "/dev/zero")
    #expect(try open("device", .follow, nameByName: nameByName) == .refused(.notAFile))
    let listening = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listening) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = Array("\(folder.path)/root/socket".utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.prefix(107)) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listening, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    #expect(try open("socket", .refuse, nameByName: nameByName) == .refused(.notAFile))
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `a file without leave to read is refused as such`() throws {
    chmod("\(folder.path)/root/sub/scan", 0)
    #expect(try open("sub/scan", .refuse, nameByName: false) == .refused(.notPermitted))
  }

  @Test func `a mask's path is taken as the user wrote it`() throws {
    let file = try FileSource(path: "\(folder.path)/root/../root/absolute")
    #expect(try file.readBytes(atMost: 1 << 20).digest == inside.digest)
    #expect(throws: ScanFailure.self) { try FileSource(path: "") }
    #expect(throws: ScanFailure.self) { try FileSource(path: "\(folder.path)/root/sub/scan\0") }
  }

  @Test func `finishing hashes the whole file, read or not`() throws {
    let file = try FileSource(path: "\(folder.path)/root/sub/scan")
    _ = try file.readBytes(atMost: 10)
    #expect(try file.finish() == SHA256.digest(of: inside))
    #expect(file.position == inside.count)
    #expect(file.byteCount == inside.count)
  }

  private static let changes: [(String, @Sendable (String) throws -> Void)] = [
    ("truncated", { truncate($0, 1000) }),
    (
      "extended",
      { path in
        let file = FileHandle(forWritingAtPath: path)
        try file?.seekToEnd()
        try file?.write(contentsOf: Data([1]))
      }
    ),
    (
      "rewritten in place",
      { path in
        let file = FileHandle(forWritingAtPath: path)
        try file?.write(contentsOf: Data([1]))
      }
    ),
    (
      "replaced",
      { path in
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path + ".new"))
        rename(path + ".new", path)
      }
    ),
  ]

  @Test(arguments: 0..<changes.count)
  func `a file that changes while it is read is refused`(_ change: Int) throws {
    let path = "\(folder.path)/root/sub/scan"
    let file = try FileSource(path: path)
    _ = try file.readBytes(atMost: 100)
    // The file system's clock ticks in milliseconds.
    usleep(20_000)
    try FileSourceTests.changes[change].1(path)
    #expect("\(FileSourceTests.changes[change].0)") { try file.finish() } throws: {
      ($0 as? ScanFailure)?.failureClass == .changedWhileRead
    }
  }

  @Test func `an empty file opens and has no bytes`() throws {
    try folder.write([], to: "root/empty")
    let file = try FileSource(path: "\(folder.path)/root/empty")
    #expect { try DecodedSource(file) } throws: { ($0 as? ScanFailure)?.failureClass == .emptyFile }
    #expect(try FileSource(path: "\(folder.path)/root/empty").finish() == SHA256.digest(of: [UInt8]()))
  }

  @Test func `failures never hold a name`() throws {
    let root = folder.descriptor
    for path in ["root/nothing", "root/sub", "root/loop", "root/leaving", "../x"] {
      #expect {
        _ = try FileSource(root: root, path: path, links: .refuse)
      } throws: { error in
        let text = "\(error)"
        return error is ScanFailure && !["nothing", "sub", "loop", "leaving"].contains { text.contains($0) }
      }
    }
  }

  @Test func `files are closed when they are let go`() throws {
    func openFiles() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
    let before = try openFiles()
    for _ in 0..<200 {
      _ = try FileSource(root: folder.descriptor, path: "root/sub/scan", links: .refuse)
      _ = try? FileSource(root: folder.descriptor, path: "root/sub/deep", links: .refuse)
      _ = try? FileSource(root: folder.descriptor, path: "root/folder/deep/up", links: .withinRoot, nameByName: true)
    }
    // Other tests run meanwhile and hold a few.
    #expect(try openFiles() < before + 100)
  }
}

@Suite struct MappedInputTests {
  private static let writesPages: Bool = {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/stat")
    process.arguments = ["-f", "-c", "%T", FileManager.default.temporaryDirectory.path]
    process.standardOutput = output
    guard (try? process.run()) != nil else { return false }
    return !String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).contains("tmpfs")
  }()

  /// A store into a page that waits to be written moves no time of its file; opening the file writes such pages out.
  @Test(.enabled(if: writesPages, "a file system in memory has no pages that wait to be written"))
  func `a store through a memory map while a file is read is noticed`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array(repeating: 1, count: 1 << 16), to: "scan")
    let path = "\(folder.path)/scan"
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    let map = try #require(mmap(nil, 1 << 16, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0))
    defer { munmap(map, 1 << 16) }
    map.storeBytes(of: 2, toByteOffset: 100, as: UInt8.self)
    // Beyond the tick of the file system's clock.
    usleep(50_000)
    let file = try FileSource(path: path)
    var buffer = [UInt8](repeating: 0, count: 1 << 10)
    _ = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
    map.storeBytes(of: 3, toByteOffset: 100, as: UInt8.self)
    #expect(throws: ScanFailure.self) { try file.finish() }
  }
}
