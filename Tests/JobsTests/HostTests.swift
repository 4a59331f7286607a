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
