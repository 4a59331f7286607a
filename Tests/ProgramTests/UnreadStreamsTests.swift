import Foundation
import Glibc
import Testing

/// Standard streams that nobody reads, or that take nothing.
@Suite struct UnreadStreamsTests {
  /// A pipe with a name, open for reading, that nobody reads until asked.
  private final class Pipe {
    let path: String
    private let reader: Int32

    init(in scratch: Scratch) throws {
      path = scratch.place("pipe")
      try #require(mkfifo(path, 0o600) == 0)
      reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
      try #require(reader >= 0)
      // The smallest that there is.
      _ = fcntl(reader, F_SETPIPE_SZ, 4096)
    }

    deinit { close(reader) }

    /// Everything, until the program has closed its end.
    func readAll() -> String {
      var bytes: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = read(reader, &piece, piece.count)
        if count > 0 {
          bytes += piece[..<count]
        } else if count == 0 {
          return String(decoding: bytes, as: UTF8.self)
        } else {
          usleep(1000)
        }
      }
    }
  }

  private static let F_SETPIPE_SZ: Int32 = 1031

  private func started(
    _ arguments: [String], in scratch: Scratch, _ stream: Int, to path: String
  ) throws -> Running {
    try scratch.start(arguments, under: ["/bin/sh", "-c", #"exec "$0" "$@" \#(stream)>\#(path)"#])
  }

  /// Scans that fail at once, with much to say about each.
  private func manyFailures(_ count: Int) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(.noise(8, 7, 6, seed: 1), to: "in/a.nii")
    let long = String(repeating: "x", count: 120)
    for number in 0..<count { try scratch.write([1, 2, 3], to: "in/b\(number)-\(long).nii") }
    try scratch.write(TestJob())
    return scratch
  }

  private func wait(_ running: Running, within seconds: Double) -> Outcome {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline, kill(running.process, 0) == 0, !isZombie(running.process) { usleep(5000) }
    if !isZombie(running.process) { running.send(SIGKILL) }
    return running.finish()
  }

  private func isZombie(_ process: pid_t) -> Bool {
    let stat = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
    return stat.split(separator: ")").last?.hasPrefix(" Z") ?? true
  }

  @Test(arguments: ["json", "plain", "bar"])
  func `a run ends although nobody reads its messages, and says how many were lost`(style: String) throws {
    // Other styles tell few equal failures, which fill the pipe and not the buffer.
    let count = style == "json" ? 300 : 40
    let scratch = try manyFailures(count)
    let pipe = try Pipe(in: scratch)
    let running = try started(["run", "job.json", "--progress", style], in: scratch, 2, to: pipe.path)
    wait(running, within: 60).expect(status: 3)
    #expect(try scratch.summary("failed") == count && scratch.bytes("out/a.nii") != nil)
    #expect(scratch.text("out/summary.json").contains(#""state": "finished""#))
    #expect(try #require(try scratch.summary("messages_dropped")) >= (style == "json" ? 100 : 0))
  }

  @Test func `whoever reads again gets what waited, in order, and is told what is missing`() throws {
    let scratch = try manyFailures(400)
    let pipe = try Pipe(in: scratch)
    let running = try started(
      ["run", "job.json", "--progress", "json", "--log-format", "json"], in: scratch, 2, to: pipe.path)
    for _ in 0..<6000 where !scratch.text("out/summary.json").contains(#""state": "finished""#) { usleep(10_000) }
    let text = pipe.readAll()
    running.finish().expect(status: 3)
    let lines = try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let done = lines.compactMap { $0["event"] as? String == "scan_finished" ? $0["scans_done"] as? Int : nil }
    #expect(done == Array(1...max(1, done.count)) && done.count > 20)
    let dropped = try #require(lines.firstIndex { $0["code"] as? String == "messages-dropped" })
    #expect(lines[dropped]["dropped"] as? Int ?? 0 > 300)
    #expect((lines[dropped]["message"] as? String ?? "").contains("messages were dropped"))
  }

  @Test func `a signal ends a run whose messages nobody reads`() throws {
    let scratch = try Scratch()
    // Some seconds of work, each of which reads and writes little.
    let series = TinyScan.noise(48, 48, 32, 100, type: .uint8)
    for name in ["a", "b", "c"] { try scratch.write(series, to: "in/\(name).nii") }
    var job = TestJob()
    job.filters =
      "[" + Array(repeating: String(TestJob.slowFilters.dropFirst().dropLast()), count: 60).joined(separator: ",") + "]"
    job.threads = 1
    try scratch.write(job)
    let pipe = try Pipe(in: scratch)
    let running = try started(["run", "job.json", "--progress", "json"], in: scratch, 2, to: pipe.path)
    for _ in 0..<2000 where scratch.temporaryFiles.isEmpty { usleep(10_000) }
    running.send(SIGTERM)
    let asked = ContinuousClock.now
    wait(running, within: 20).expect(status: 75)
    #expect(asked.duration(to: .now) < .seconds(5))
    #expect(scratch.text("out/summary.json").contains(#""state": "stopped""#))
    try scratch.medfilter("run", "job.json", "--fail-fast").expect(status: 0)
  }

  @Test(arguments: [
    ["run", "job.json", "--json"], ["plan", "job.json"], ["plan", "job.json", "--json"], ["inspect", "in/a.nii"],
    ["kernel", "--sobel", "axis=i"], ["verify", "out/provenance.jsonl"],
    ["replay", "out/provenance.jsonl", "--inputs", "in"], ["--help"], ["--version"], ["run", "--help"],
  ])
  func `results that cannot be written are a failure`(arguments: [String]) throws {
    let scratch = try Scratch.threeScans()
    try scratch.medfilter("run", "job.json").require(status: 0)
    let outcome = try started(arguments, in: scratch, 1, to: "/dev/full").finish()
    outcome.expect(status: 74)
    #expect(outcome.stderr.contains("the results could not be written to standard output: No space left on device"))
  }

  @Test func `a full disk behind standard error changes nothing`() throws {
    let scratch = try Scratch.threeScans()
    try started(["run", "job.json"], in: scratch, 2, to: "/dev/full").finish().expect(status: 0)
    #expect(scratch.outputs() == Scratch.threeOutputs)
  }

  @Test func `results whose reader went away are a failure, and the work is done all the same`() throws {
    let scratch = try manyFailures(600)
    let pipe = try Pipe(in: scratch)
    let running = try started(["run", "job.json", "--json"], in: scratch, 1, to: pipe.path)
    for _ in 0..<6000 where !scratch.text("out/summary.json").contains(#""state": "finished""#) { usleep(10_000) }
    withExtendedLifetime(pipe) {}
    running.send(SIGTERM)
    // Nobody reads, and somebody asks to stop.
    let asked = ContinuousClock.now
    let outcome = wait(running, within: 20)
    outcome.expect(status: 3)
    #expect(asked.duration(to: .now) < .seconds(5))
    #expect(outcome.stderr.contains("its reader stalled"), "\(outcome.stderr.suffix(300))")
    let gone = try scratch.medfilter(under: [
      "/bin/bash", "-c", #""$0" run job.json --json 2>err | true; echo ${PIPESTATUS[0]}"#,
    ])
    #expect(gone.stdout == "3\n" && scratch.text("err").contains("its reader closed it early"))
  }
}
