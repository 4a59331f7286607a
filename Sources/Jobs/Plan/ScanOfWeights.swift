import Filters
import VolumeIO
import Volumes

/// A scan whose voxels are the weights of a kernel.
struct ScanOfWeights {
  /// Finite, i fastest.
  let voxels: [Double]
  let header: ScanHeader

  /// As many lengths as the scan has axes in space, 1 to 3.
  var lengths: [Int] { Array(header.dims.prefix(3)) }

  /// - Throws: what reading a scan throws; a refusal of scans of several volumes, of more than 1,048,576 voxels, and of
  ///   voxels that are no numbers.
  init(_ path: String) throws(ScanFailure) {
    let reader = try ScanReader(path, in: .anywhere)
    try Self.checkSize(reader.header)
    header = reader.header
    voxels = try Self.voxels(of: reader)
  }

  /// Asked of the header, before anything is read.
  private static func checkSize(_ header: ScanHeader) throws(ScanFailure) {
    guard header.frames == 1 else {
      throw ScanFailure(
        .gridMismatch, .header, "dims", expected: "one volume of weights",
        found: "\(header.dims.map(String.init).joined(separator: "×")), \(header.frames) volumes",
        advice: "a kernel has at most three axes; cut out one volume")
    }
    guard header.shape.count <= KernelSubject.mostWeights else {
      throw ScanFailure(
        .limit, .header, "dims", expected: "at most \(KernelSubject.mostWeights) weights",
        found: "\(header.shape), \(header.shape.count) weights", advice: "is this a scan instead of a kernel?")
    }
  }

  private static func voxels(of reader: ScanReader) throws(ScanFailure) -> [Double] {
    let volume = try WholeVolume<Double>(reader)
    guard volume.counts.nonFinite == 0 else {
      throw ScanFailure(
        .nonFinite, .read, "weights", expected: "numbers", found: "\(volume.counts.nonFinite) that are NaN or infinite",
        advice: "replace them, by 0 for instance")
    }
    guard volume.counts.beyondPrecision == 0 else {
      throw ScanFailure(
        .precision, .read, "weights", expected: "integers up to 2^53", found: "\(volume.counts.beyondPrecision) beyond")
    }
    return withExtendedLifetime(volume.frame) { Array(volume.frame.voxels) }
  }
}
