import Synchronization
import Volumes

/// A second scan that an operation reads beside each scan of the job.
package struct Companion: Hashable, Sendable {
  /// What it is read for.
  package enum Role: String, Sendable { case mask, operand, reference }

  /// The key of the filter's element that names it.
  package let key: String
  /// As the job names it, with its placeholders.
  package let file: String
  package let role: Role

  package init(key: String, file: String, role: Role) {
    self.key = key
    self.file = file
    self.role = role
  }
}

/// The companions of one scan, open to be read. For any thread.
package protocol Companions: Sendable {
  /// Which voxels of the grid are inside.
  func mask(of companion: Companion) throws(EngineFailure) -> Mask

  /// One frame of a companion; of a companion with a single frame, that one.
  ///
  /// - Parameter number: from 0; asked for in their order.
  func frame<S: ComputeScalar>(
    _ number: Int, of companion: Companion, as scalar: S.Type
  ) throws(EngineFailure) -> Frame<S>
}

/// For chains without companions.
package struct NoCompanions: Companions {
  package init() {}

  package func mask(of companion: Companion) throws(EngineFailure) -> Mask { throw .companion(missing(companion)) }

  package func frame<S: ComputeScalar>(
    _ number: Int, of companion: Companion, as scalar: S.Type
  ) throws(EngineFailure) -> Frame<S> {
    throw .companion(missing(companion))
  }

  private func missing(_ companion: Companion) -> ScanFailure {
    ScanFailure(.cannotOpen, .filter, companion.role.rawValue, expected: "a scan beside the input", found: "none")
  }
}

/// Where the mask of an operation comes from.
package enum MaskSource: Sendable {
  /// One mask for the whole job.
  case loaded(Mask)
  /// A mask for each scan.
  case perScan(Companion)

  package var loaded: Mask? {
    if case .loaded(let mask) = self { mask } else { nil }
  }

  package var companion: Companion? {
    if case .perScan(let companion) = self { companion } else { nil }
  }

  package var residentBytes: Int {
    if case .loaded(let mask) = self { mask.inside.count } else { 0 }
  }

  /// The mask of a scan, of the slices where an operation works.
  package func mask(at place: OperationPlace) throws(EngineFailure) -> Mask {
    let mask: Mask
    switch self {
    case .loaded(let loaded): mask = loaded
    case .perScan(let companion): mask = try place.companions.mask(of: companion)
    }
    try mask.check(fits: place.layout.shape)
    return mask.cut(to: place.slices)
  }
}

/// A number that an operation chose from the voxels of a frame: for the log.
package struct ChosenValue: Hashable, Sendable {
  package let filter: String
  package let name: String
  /// From 0; `nil` where one number serves the whole series.
  package let frame: Int?
  package let value: Double

  package init(filter: String, name: String, frame: Int?, value: Double) {
    (self.filter, self.name, self.frame, self.value) = (filter, name, frame, value)
  }
}

/// Takes the numbers that operations choose while they run. For any thread.
package final class ChosenValues: Sendable {
  private let values = Mutex<[ChosenValue]>([])

  package init() {}

  package func note(_ value: ChosenValue) { values.withLock { $0.append(value) } }

  /// In the order in which they were chosen.
  package var all: [ChosenValue] { values.withLock { $0 } }
}
