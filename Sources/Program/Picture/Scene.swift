/// A drawing of rectangles, lines and texts, painted in the order in which they are added, to be written as SVG.
///
/// Lengths are in pixels from the top left corner. The same drawing makes the same bytes: no time, no random names, and
/// coordinates to a tenth of a pixel. There is nothing in it but shapes: no script, no link, no style sheet.
struct Scene {
  let width: Double
  /// Grows with what is added, and can be set for more.
  var height = 0.0
  private var elements: [String] = []

  init(width: Double) { self.width = width }

  enum Anchor: String { case start, middle, end }

  struct Line {
    var colour = Palette.ink
    var width = 1.0
    /// Lengths of dashes and gaps; empty for a solid line.
    var dashes = ""
  }

  struct Style {
    var size = 11.0
    var colour = Palette.ink
    var isBold = false
    /// Numbers stand in a font of equal widths.
    var isNumber = false
    var anchor = Anchor.start
  }

  mutating func rectangle(_ box: Box, fill: String, border: Line? = nil) {
    let stroke = border.map { " " + Self.attributes($0) } ?? ""
    add(
      "<rect x=\"\(box.x.coordinate)\" y=\"\(box.y.coordinate)\" width=\"\(box.width.coordinate)\" "
        + "height=\"\(box.height.coordinate)\" fill=\"\(fill)\"\(stroke)/>", to: box.bottom)
  }

  /// Bars of one height and colour as one element: a slice has thousands of them.
  mutating func bars(_ bars: [(corner: Point, length: Double)], height: Double, fill: String) {
    guard let lowest = bars.map(\.corner.y).max() else { return }
    let path = bars.map { bar in
      let length = bar.length.coordinate
      return "M\(bar.corner.x.coordinate) \(bar.corner.y.coordinate)h\(length)v\(height.coordinate)h-\(length)z"
    }
    // Without smoothed edges no seams are seen between neighbours.
    add("<path shape-rendering=\"crispEdges\" fill=\"\(fill)\" d=\"\(path.joined())\"/>", to: lowest + height)
  }

  mutating func line(_ points: [Point], _ line: Line = Line()) {
    guard points.count > 1 else { return }
    let text = points.map { "\($0.x.coordinate),\($0.y.coordinate)" }.joined(separator: " ")
    add("<polyline points=\"\(text)\" fill=\"none\" \(Self.attributes(line))/>", to: points.map(\.y).max() ?? 0)
  }

  mutating func dot(_ centre: Point, radius: Double, fill: String) {
    add(
      "<circle cx=\"\(centre.x.coordinate)\" cy=\"\(centre.y.coordinate)\" r=\"\(radius.coordinate)\" fill=\"\(fill)\"/>",
      to: centre.y + radius)
  }

  /// - Parameter place: Of the base line.
  mutating func text(_ text: String, at place: Point, _ style: Style = Style()) {
    let family =
      style.isNumber ? "DejaVu Sans Mono, Menlo, Consolas, monospace" : "DejaVu Sans, Helvetica, Arial, sans-serif"
    let weight = style.isBold ? " font-weight=\"bold\"" : ""
    let anchor = style.anchor == .start ? "" : " text-anchor=\"\(style.anchor.rawValue)\""
    add(
      "<text x=\"\(place.x.coordinate)\" y=\"\(place.y.coordinate)\" font-family=\"\(family)\" "
        + "font-size=\"\(style.size.coordinate)\" fill=\"\(style.colour)\"\(weight)\(anchor) xml:space=\"preserve\">"
        + "\(text.escapedForXML)</text>", to: place.y)
  }

  private mutating func add(_ element: String, to bottom: Double) {
    elements.append(element)
    height = max(height, bottom)
  }

  private static func attributes(_ line: Line) -> String {
    let dashes = line.dashes.isEmpty ? "" : " stroke-dasharray=\"\(line.dashes)\""
    return "stroke=\"\(line.colour)\" stroke-width=\"\(line.width.coordinate)\"\(dashes)"
  }

  /// The document.
  func svg(title: String) -> String {
    let size = "width=\"\(width.coordinate)\" height=\"\(height.coordinate)\""
    let view = "viewBox=\"0 0 \(width.coordinate) \(height.coordinate)\""
    let head = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) \(view)>",
      "<title>\(title.escapedForXML)</title>",
      "<rect width=\"100%\" height=\"100%\" fill=\"\(Palette.paper)\"/>",
    ]
    return (head + elements + ["</svg>"]).joined(separator: "\n") + "\n"
  }
}

struct Point {
  var x: Double
  var y: Double

  init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// A rectangle of the page.
struct Box {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  var right: Double { x + width }
  var bottom: Double { y + height }
  var middle: Double { x + width / 2 }
}

extension Double {
  fileprivate var coordinate: String { Wording.shortest((self * 10).rounded() / 10) }
}

extension String {
  /// As text or attribute of an XML document; control characters, which XML cannot hold, become `�`.
  fileprivate var escapedForXML: String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
