import Jobs
import Volumes

/// Why something could not be done: a sentence that says where, what was expected, what was found and what to do.
public struct MedFilterError: Error, Sendable, CustomStringConvertible {
  /// The stable name of the kind of failure, such as `E_GZ_CRC`, when it is about a scan.
  public let code: String?
  /// The sentence.
  public let description: String

  init(_ description: String, code: String? = nil) {
    self.description = description
    self.code = code
  }

  init(_ error: any Error) {
    switch error {
    case let failure as ScanFailure: self.init("\(failure)", code: failure.failureClass.rawValue)
    case let refusal as JobRefusal: self.init(refusal.sentences.joined(separator: "\n"))
    case let memory as OutOfMemory:
      self.init("expected \(memory.bytes) bytes of memory, found none", code: "E_LIMIT_MEM")
    case let own as MedFilterError: self = own
    default: self.init("\(error)")
    }
  }
}

/// Gives whatever the rooms below throw the one type that users of the library see.
func translated<Value>(_ work: () throws -> Value) throws(MedFilterError) -> Value {
  do {
    return try work()
  } catch {
    throw MedFilterError(error)
  }
}
