import Glibc

/// Feeds damaged bytes to one of the readers, again and again.
///
///     medfilter-fuzz TARGET FILE...                          runs each file once: old crashers stay fixed
///     medfilter-fuzz TARGET --seconds N --seed N FILE...     changes the files at random, and runs that
///
/// Built with `--sanitize=fuzzer -Xswiftc -DCOVERAGE` it is libFuzzer, with its options; see LibFuzzer.swift.
///
/// What is being run lies in `fuzz-TARGET.current`, so that a crash leaves its cause behind.
#if !COVERAGE
  @main
#endif
enum Fuzz {
  static func main() {
    guard CommandLine.arguments.count > 1, let target = Target(rawValue: CommandLine.arguments[1]) else {
      complain("usage: medfilter-fuzz \(Target.allCases.map(\.rawValue).joined(separator: "|")) [--seconds N] FILE...")
    }
    let options = Options(CommandLine.arguments.dropFirst(2))
    options.seconds > 0 ? mutate(target, options) : replay(target, options.files)
  }

  private static func replay(_ target: Target, _ files: [String]) {
    for file in files { target.run(contents(of: file)) }
    print("\(target.rawValue): \(files.count) files, none of them a problem")
  }

  private static func mutate(_ target: Target, _ options: Options) {
    let record = Record("fuzz-\(target.rawValue).current")
    var mutator = Mutator(seeds: options.files.map(contents), seed: options.seed)
    let end = ContinuousClock.now + .seconds(options.seconds)
    var count = 0
    while ContinuousClock.now < end {
      let bytes = mutator.next()
      record.keep(bytes)
      let start = ContinuousClock.now
      target.run(bytes)
      // A second is for ever in a reader of a few thousand bytes; the machine may be busy, so not at once.
      guard start.duration(to: .now) < .seconds(5) else { complain("more than 5 s for one input") }
      count += 1
    }
    record.remove()
    print("\(target.rawValue): \(count) executions in \(options.seconds) s")
  }
}

/// The command line behind the target.
struct Options {
  var seconds = 0
  var seed: UInt64 = 1
  var files: [String] = []

  init(_ words: ArraySlice<String>) {
    var words = words
    while let word = words.popFirst() {
      switch word {
      case "--seconds": seconds = words.popFirst().flatMap { Int($0) } ?? 0
      case "--seed": seed = words.popFirst().flatMap { UInt64($0) } ?? 1
      default: files.append(word)
      }
    }
    if files.isEmpty { complain("no files to begin with") }
  }
}

/// What is being run, in a file.
struct Record {
  private let name: String
  private let descriptor: Int32

  init(_ name: String) {
    self.name = name
    descriptor = open(name, O_RDWR | O_CREAT | O_TRUNC, 0o644)
    if descriptor < 0 { complain("\(name) cannot be written") }
  }

  func keep(_ bytes: [UInt8]) {
    ftruncate(descriptor, bytes.count)
    bytes.withUnsafeBytes { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  func remove() { unlink(name) }
}

func contents(of path: String) -> [UInt8] {
  guard let file = fopen(path, "re") else { complain("\(path) cannot be read") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
  return bytes
}

/// A broken law looks like a crash to whoever runs this.
func complain(_ text: String) -> Never {
  let line = Array("medfilter-fuzz: \(text)\n".utf8)
  _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  abort()
}
