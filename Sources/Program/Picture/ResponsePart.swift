import Filters
import Volumes

/// What the kernel does to waves along each axis.
struct ResponsePart {
  private let kernel: KernelSubject

  init(_ kernel: KernelSubject) { self.kernel = kernel }

  func add(to scene: inout Scene, in box: Box) {
    KernelPicture.addHeading(
      "Frequency response", note: "gain over cycles per voxel", at: Point(box.x, box.y), to: &scene)
    let axes = Axis.allCases.filter { kernel.size[$0] > 1 }
    let responses = axes.map { FrequencyResponse(of: kernel.marginal(along: $0)) }
    let highest = responses.flatMap(\.gains).max() ?? 0
    guard highest.isFinite else {
      scene.text("too large to draw", at: Point(box.x, box.y + 24), Scene.Style(colour: Palette.faint))
      return
    }
    let panel = Box(x: box.x + 52, y: box.y + 34, width: box.width - 52, height: box.height - 34)
    let plot = Plot(box: panel, x: 0...0.5, y: 0...(highest > 0 ? highest * 1.06 : 1))
    plot.addFrame(to: &scene)
    for share in [0, 0.5, 1] {
      plot.addLevel(share * highest, label: (share * highest).label, isRuled: true, to: &scene)
      if highest == 0 { break }
    }
    for frequency in [0, 0.125, 0.25, 0.375, 0.5] {
      plot.addMark(frequency, label: frequency.label, to: &scene)
    }
    for (index, axis) in axes.enumerated() { add(responses[index], axis, at: index, plot, to: &scene) }
  }

  /// Curves of equal axes lie on each other: the first is solid, the others are dashed on top of it.
  private func add(_ response: FrequencyResponse, _ axis: Axis, at index: Int, _ plot: Plot, to scene: inout Scene) {
    let steps = response.gains.count - 1
    let thin = max(1, steps / 256)
    let points = stride(from: 0, through: steps, by: thin).map {
      plot.point(0.5 * Double($0) / Double(steps), response.gains[$0])
    }
    let line = Scene.Line(
      colour: Palette.axis(axis), width: [2.6, 2.2, 1.8][index], dashes: ["", "7 5", "2 4"][index])
    scene.line(points, line)
    let place = Point(plot.box.x + Double(index) * 96, plot.box.y - 6)
    scene.line([Point(place.x, place.y - 3), Point(place.x + 22, place.y - 3)], line)
    scene.text(
      "along \(axis.name)", at: Point(place.x + 26, place.y),
      Scene.Style(size: 10, colour: Palette.axis(axis), isBold: true))
  }
}
