import ByteStreams
import Testing
import Volumes

/// What decoding ends in.
enum Ending: Equatable {
  case digest(Digest, Compression)
  case failure(FailureClass)

  /// What decoding on so many lanes ends in, and the codes of its findings.
  static func of(_ file: [UInt8], workers: Int) -> (Ending, findings: [String]) {
    do throws(ScanFailure) {
      let decoded = try decode(file, request: 1 << 20, workers: workers)
      return (.digest(decoded.bytes.digest, decoded.source.compression), decoded.source.findings.map(\.code))
    } catch {
      return (.failure(error.failureClass), [])
    }
  }

  /// Expects that lanes end in what one lane ends in.
  ///
  /// - Returns: whether they noticed that the spans are not as announced.
  @discardableResult
  static func expectSame(_ file: [UInt8], _ place: String) -> Bool {
    let (plain, _) = of(file, workers: 1)
    let (marked, findings) = of(file, workers: 4)
    #expect(plain == marked, "\(place)")
    return findings == ["gzip-index"]
  }

  /// Expects the bytes from one lane and from several, and that those notice spans that are not as announced, or do not.
  static func expect(_ bytes: [UInt8], from file: [UInt8], noticed: Bool, _ place: String = "") {
    let whole = Ending.digest(bytes.digest, .gzip)
    #expect(of(file, workers: 1) == (whole, []), "\(place)")
    #expect(of(file, workers: 4) == (whole, noticed ? ["gzip-index"] : []), "\(place)")
  }
}

/// What ends every chunk of ours but the last.
enum Mark {
  static let bytes: [UInt8] = [0, 0, 0xff, 0xff, 0, 0, 0, 0xff, 0xff]
  /// The empty stored block that a full flush ends with, when it begins on a whole byte.
  static let flush: [UInt8] = [0, 0, 0, 0xff, 0xff]

  /// Where marks begin.
  static func places(in file: [UInt8]) -> [Int] {
    file.indices.filter { file[$0] == 0 && file[$0...].starts(with: bytes) }
  }
}
