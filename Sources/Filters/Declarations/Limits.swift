import StrictJSON

/// A lower and an upper limit, of which one may be missing.
struct Limits {
  let lower: Double?
  let upper: Double?

  init?(_ object: ObjectReader) {
    lower = object.read(Self.lowerKey)
    upper = object.read(Self.upperKey)
    if let lower, let upper, lower > upper {
      object.report("expected at least \"lower\", which is \(lower.words), found \(upper.words)", at: "upper")
    }
    guard object.isSound else { return nil }
  }

  static let keys = [lowerKey.declaration, upperKey.declaration]
  static let rule = Rule.atLeastOne(["lower", "upper"])

  private static let lowerKey = Key<Double>(
    "lower", .number(), .optional, "The lower limit; without it, there is none.")
  private static let upperKey = Key<Double>(
    "upper", .number(), .optional, "The upper limit; without it, there is none.")
}
