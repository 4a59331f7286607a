import Foundation
import Glibc
import Jobs
import Testing

@Suite struct HostLimitsTests {
  @Test func `this process may use something of the machine, and not more than it has`() {
    let limits = HostLimits.current()
    #expect(limits.threads >= 1 && limits.threads <= sysconf(Int32(_SC_NPROCESSORS_CONF)))
    #expect(limits.memory > 1 << 20)
    #expect(limits.memory <= sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)))
  }

  @Test func `wishes are taken as they are, and no wish leaves a fifth of the memory`() {
    let host = HostLimits(threads: 4, memory: 1000)
    let none = host.asked(threads: 0, memory: 0)
    #expect(none.threads == 4 && none.memory == 800)
    let wished = host.asked(threads: 64, memory: 5000)
    #expect(wished.threads == 64 && wished.memory == 5000)
  }
}

@Suite struct ControlGroupsTests {
  /// What is measured is what the innermost and every outer group allow.
  private func groups(_ membership: String, _ files: [String: String]) throws -> ControlGroups {
    let mount = FileManager.default.temporaryDirectory.appending(path: "jobs-groups-\(UUID().uuidString)")
    for (name, content) in files {
      let place = mount.appending(path: name)
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(content.utf8).write(to: place)
    }
    return ControlGroups(membership: membership, mount: mount.path)
  }

  @Test func `the limits of a service's own group count, and those above it`() throws {
    let found = try groups(
      "0::/system.slice/medfilter@nightly.service\n",
      [
        "system.slice/memory.max": "max\n", "system.slice/cpu.max": "150000 100000\n",
        "system.slice/medfilter@nightly.service/memory.max": "8589934592\n",
        "system.slice/medfilter@nightly.service/cpu.max": "max 100000\n",
      ])
    #expect(found.memory == 8 << 30 && found.processors == 1.5)
  }

  @Test func `version 1 and a container's root are read too`() throws {
    let files = ["memory/memory.limit_in_bytes": "1000\n", "memory.max": "500\n"]
    #expect(try groups("4:memory:/docker/0123\n0::/\n", files).memory == 500)
    #expect(try groups("4:memory:/docker/0123\n", files).memory == 1000)
    #expect(try groups("nonsense", files).memory == nil)
  }
}

@Suite struct SmallFileTests {
  private func withFile(_ size: Int, _ body: (String) throws -> Void) throws {
    let place = FileManager.default.temporaryDirectory.appending(path: "jobs-small-\(UUID().uuidString)")
    try Data(repeating: 5, count: size).write(to: place)
    defer { try? FileManager.default.removeItem(at: place) }
    try body(place.path)
  }

  @Test(arguments: [0, 1, 65536, 65537, 200_000])
  func `a file is read whole up to its limit and refused beyond`(size: Int) throws {
    try withFile(size) { path in
      #expect(SmallFile.read(path, limit: size)?.count == size)
      if size > 0 { #expect(SmallFile.read(path, limit: size - 1) == nil) }
    }
  }

  @Test func `what is no file is refused at once`() throws {
    let pipe = FileManager.default.temporaryDirectory.appending(path: "jobs-pipe-\(UUID().uuidString)").path
    mkfifo(pipe, 0o600)
    defer { unlink(pipe) }
    for path in [pipe, "/", "/dev/zero", "/nowhere/at/all"] { #expect(SmallFile.read(path, limit: 100) == nil) }
  }
}
