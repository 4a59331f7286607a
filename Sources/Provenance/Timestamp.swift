import Glibc

/// A moment of UTC to the microsecond, as the log writes it: `2026-11-20T23:00:00.104233Z`.
///
/// Always 27 characters (years 0 to 9999), so earlier moments are earlier texts.
package struct Timestamp: Hashable, Sendable {
  /// Since 1970-01-01T00:00:00Z, without leap seconds.
  package let microseconds: Int

  package init(microseconds: Int) { self.microseconds = microseconds }

  package static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: time.tv_sec &* 1_000_000 &+ time.tv_nsec / 1000)
  }

  /// Whether a text has the form that `description` gives; whether there is a 31st of February is not asked.
  static func isWellFormed(_ text: String) -> Bool {
    let pattern = "dddd-dd-ddTdd:dd:dd.ddddddZ".utf8
    return text.utf8.count == pattern.count
      && zip(text.utf8, pattern).allSatisfy { byte, expected in
        expected == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == expected
      }
  }
}

extension Timestamp: CustomStringConvertible {
  package var description: String {
    let (days, inDay) = microseconds.dividedFloor(by: 86_400_000_000)
    let (year, month, day) = Self.civilDate(daysSince1970: days)
    let (seconds, fraction) = inDay.quotientAndRemainder(dividingBy: 1_000_000)
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
    let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    return "\(date)T\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2)).\(padded(fraction, 6))Z"
  }

  /// Gregorian date of a day number, valid for all years.
  ///
  /// Counts in eras of 400 years that begin on 1 March, so that leap days come last
  /// (H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days).
  private static func civilDate(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = (days + 719_468).dividedFloor(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
  }

  /// What `description` wrote, read back; nil for other texts.
  package init?(_ text: String) {
    guard Self.isWellFormed(text) else { return nil }
    let digits = Array(text.utf8).map { Int($0) - 0x30 }
    func number(_ places: Range<Int>) -> Int { places.reduce(0) { $0 * 10 + digits[$1] } }
    let days = Self.daysSince1970(year: number(0..<4), month: number(5..<7), day: number(8..<10))
    let seconds = days * 86_400 + number(11..<13) * 3600 + number(14..<16) * 60 + number(17..<19)
    self.init(microseconds: seconds * 1_000_000 + number(20..<26))
  }

  /// The reverse of `civilDate` (days_from_civil).
  private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let (era, yearOfEra) = (month <= 2 ? year - 1 : year).dividedFloor(by: 400)
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}

extension Int {
  /// Division that rounds down, so that the remainder is never negative.
  fileprivate func dividedFloor(by divisor: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
