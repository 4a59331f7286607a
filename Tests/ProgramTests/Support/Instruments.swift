import Foundation
import Glibc

/// What a build carries beside the program: a sanitizer (`Tests/Faults/sanitize.py`), or counters of the lines reached.
enum Instruments {
  /// Whether memory and address space are mostly the instruments' own.
  static let takeMemory = isLinked("__asan_init") || isLinked("__tsan_init")

  /// Where they write to, and how: what they find in the program counts like what they find in the tests.
  static let variables = ProcessInfo.processInfo.environment.filter {
    $0.key.hasSuffix("SAN_OPTIONS") || $0.key == "LLVM_PROFILE_FILE"
  }

  private static func isLinked(_ symbol: String) -> Bool { dlsym(nil, symbol) != nil }
}
