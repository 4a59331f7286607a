import Foundation
import Glibc
import Testing

/// What a crash leaves behind.
@Suite struct CrashPrivacyTests {
  /// The kernel writes core dumps as files here; elsewhere a collector gets them, which a test cannot ask.
  private static let coresAreFiles: Bool = {
    let pattern = try? String(contentsOfFile: "/proc/sys/kernel/core_pattern", encoding: .utf8)
    return pattern.map { !$0.hasPrefix("|") && !$0.hasPrefix("/") } ?? false
  }()

  /// Filters that take long enough to be killed in.
  private static let seconds: String = {
    let plane = "[" + Array(repeating: "[1,2,3,4,5,4,3,2,1]", count: 9).joined(separator: ",") + "]"
    let weights = "[" + Array(repeating: plane, count: 9).joined(separator: ",") + "]"
    let filter = #"{"filter": "kernel", "weights": \#(weights), "method": "dense", "normalise": "sum"}"#
    return "[" + Array(repeating: filter, count: 20).joined(separator: ",") + "]"
  }()

  private func crash(
    _ signal: Int32, environment: [String: String] = [:]
  ) throws -> (outcome: Outcome, limits: String, scratch: Scratch) {
    let scratch = try Scratch()
    scratch.environment = environment
    var scan = TinyScan.noise(64, 64, 48, 8, type: .uint8)
    scan.description = "CANARY^TEXT"
    try scratch.write(scan, to: "in/a.nii")
    var job = TestJob()
    job.filters = Self.seconds
    try scratch.write(job)
    let arguments = ["run", "job.json", "--progress", "json"]
    let running = try scratch.start(arguments, under: ["/usr/bin/prlimit", "--core=unlimited:unlimited"])
    #expect(running.waitUntilTold(#""stage":"filter""#))
    let limits = (try? String(contentsOfFile: "/proc/\(running.process)/limits", encoding: .utf8)) ?? ""
    running.send(signal)
    return (running.finish(), limits, scratch)
  }

  @Test(arguments: [SIGSEGV, SIGBUS, SIGILL])
  func `a crash in the middle of a scan leaves no core dump and tells nothing of the scan`(signal: Int32) throws {
    let (outcome, limits, scratch) = try crash(signal)
    outcome.expect(status: 128 + signal, "it was over before it could be killed")
    let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
    #expect(line.split(separator: " ").filter { $0 == "0" }.count == 2, "\(line)")
    #expect(!outcome.stderr.contains("CANARY") && !outcome.stderr.contains("Registers"), "\(outcome)")
    let left = scratch.listing()
    #expect(left.allSatisfy { !$0.hasPrefix("core") }, "\(left)")
  }

  @Test func `whoever looks for a defect can have it all`() throws {
    let (outcome, limits, _) = try crash(SIGTERM, environment: ["MEDFILTER_DEBUG": "1"])
    let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
    #expect(line.contains("unlimited"), "\(line)")
    outcome.expect(status: 75)
  }

  @Test(.enabled(if: coresAreFiles, "core dumps go to a collector on this machine"))
  func `a program that does not forbid them would have left one`() throws {
    let scratch = try Scratch()
    let shell = ["/usr/bin/prlimit", "--core=unlimited:unlimited", "/bin/sh", "-c", "kill -SEGV $$"]
    let outcome = try Running(
      shell, in: scratch.folder, environment: Program.environment, streams: "\(scratch.path)/streams/shell"
    ).finish()
    outcome.expect(status: 128 + SIGSEGV)
    #expect(scratch.listing().contains { $0.hasPrefix("core") })
  }
}
