import Filters

/// A frame with two axes: numbers to pixels, and the labels at its ends.
struct Plot {
  let box: Box
  let x: ClosedRange<Double>
  let y: ClosedRange<Double>

  func point(_ xValue: Double, _ yValue: Double) -> Point {
    Point(
      box.x + box.width * ((xValue - x.lowerBound) / (x.upperBound - x.lowerBound)),
      box.bottom - box.height * ((yValue - y.lowerBound) / (y.upperBound - y.lowerBound)))
  }

  func addFrame(to scene: inout Scene) {
    scene.rectangle(box, fill: "#fcfcfc", border: Scene.Line(colour: Palette.rule))
  }

  /// A thin line across, with its number on the left.
  func addLevel(_ value: Double, label: String, isRuled: Bool, to scene: inout Scene) {
    let y = point(x.lowerBound, value).y
    if isRuled { scene.line([Point(box.x, y), Point(box.right, y)], Scene.Line(colour: Palette.rule)) }
    scene.text(label, at: Point(box.x - 6, y + 3.5), .tick(.end))
  }

  /// A number below the frame.
  func addMark(_ value: Double, label: String, to scene: inout Scene) {
    scene.text(label, at: Point(point(value, y.lowerBound).x, box.bottom + 13), .tick(.middle))
  }
}

extension Scene.Style {
  /// Numbers along the axes.
  static func tick(_ anchor: Scene.Anchor) -> Scene.Style {
    Scene.Style(size: 10, colour: Palette.faint, isNumber: true, anchor: anchor)
  }
}
