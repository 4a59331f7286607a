import Volumes

/// Colours that stay apart for colour-blind readers and in print.
enum Palette {
  static let paper = "#ffffff"
  static let ink = "#222222"
  static let faint = "#777777"
  static let rule = "#d8d8d8"

  /// Okabe and Ito's blue, green and vermilion.
  static func axis(_ axis: Axis) -> String { ["#0072b2", "#009e73", "#d55e00"][axis.rawValue] }

  private typealias Colour = (red: Double, green: Double, blue: Double)

  /// ColorBrewer's RdBu, dark in the middle of neither: blue below 0, red above, white for 0.
  private static let diverging: [Colour] = [
    (5, 48, 97), (33, 102, 172), (67, 147, 195), (146, 197, 222), (209, 229, 240), (250, 250, 250), (253, 219, 199),
    (244, 165, 130), (214, 96, 77), (178, 24, 43), (103, 0, 31),
  ]

  /// ColorBrewer's YlGnBu from white, for kernels without weights below 0.
  private static let rising: [Colour] = [
    (250, 250, 250), (237, 248, 217), (199, 233, 180), (127, 205, 187), (65, 182, 196), (29, 145, 192), (34, 94, 168),
    (37, 52, 148), (8, 29, 88),
  ]

  /// How many colours a scale has; an odd number, so that there is one for 0.
  static let steps = 101

  /// - Parameter step: 0 to `steps - 1`.
  static func colour(step: Int, isSigned: Bool) -> String {
    let (red, green, blue) = mixed(isSigned ? diverging : rising, at: Double(step) / Double(steps - 1))
    return "#" + [red, green, blue].map { hex(Int($0.rounded())) }.joined()
  }

  /// Whether white letters are easier to read on it than black ones.
  static func isDark(step: Int, isSigned: Bool) -> Bool {
    let (red, green, blue) = mixed(isSigned ? diverging : rising, at: Double(step) / Double(steps - 1))
    return 0.3 * red + 0.59 * green + 0.11 * blue < 120
  }

  private static func mixed(_ colours: [Colour], at share: Double) -> Colour {
    let place = share * Double(colours.count - 1)
    let index = min(Int(place), colours.count - 2)
    let (low, high, part) = (colours[index], colours[index + 1], place - Double(index))
    return (
      low.red + part * (high.red - low.red), low.green + part * (high.green - low.green),
      low.blue + part * (high.blue - low.blue)
    )
  }

  private static func hex(_ number: Int) -> String { (number < 16 ? "0" : "") + String(number, radix: 16) }
}
