#if COVERAGE
  import Glibc

  /// libFuzzer with this program's own main: the target is a word of the command line.
  enum LibFuzzer {
    // Set once, before the fuzzer starts, and only read from its callback, which cannot carry anything.
    nonisolated(unsafe) private static var target = Target.header

    static func run(_ target: Target, _ options: [String]) {
      self.target = target
      var words: [UnsafeMutablePointer<CChar>?] = (["medfilter-fuzz"] + options).map { strdup($0) } + [nil]
      words.withUnsafeMutableBufferPointer { words in
        var count = Int32(words.count - 1)
        var start = words.baseAddress
        exit(runDriver(&count, &start) { bytes, length in
          Self.target.run(Array(UnsafeBufferPointer(start: bytes, count: length)))
          return 0
        })
      }
    }
  }

  private typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
  private typealias Words = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  @_silgen_name("LLVMFuzzerRunDriver")
  private func runDriver(
    _ count: UnsafeMutablePointer<Int32>, _ words: UnsafeMutablePointer<Words?>, _ callback: Callback
  ) -> Int32
#endif
