#if COVERAGE
  import Glibc

  // libFuzzer brings its own main; MEDFILTER_FUZZ says which reader it feeds.
  private let target: Target = {
    guard let name = getenv("MEDFILTER_FUZZ").flatMap({ Target(rawValue: String(cString: $0)) }) else {
      complain("set MEDFILTER_FUZZ to \(Target.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return name
  }()

  @_cdecl("LLVMFuzzerTestOneInput")
  func runOne(_ bytes: UnsafePointer<UInt8>?, _ length: Int) -> Int32 {
    target.run(Array(UnsafeBufferPointer(start: bytes, count: length)))
    return 0
  }
#endif
