import Filters
import Glibc
import Volumes

/// The singular values of each unfolding as bars on a logarithmic scale.
struct SpectrumPart {
  private let kernel: KernelSubject

  init(_ kernel: KernelSubject) { self.kernel = kernel }

  private static let mostBars = 33
  /// Powers of ten below the first value: what is smaller is rounding.
  private static let decades = 16.0
  private static let gutter = 44.0

  func add(to scene: inout Scene, in box: Box) {
    KernelPicture.addHeading("Singular values", note: "relative to the first", at: Point(box.x, box.y), to: &scene)
    let axes = Axis.allCases.filter { !kernel.spectra[$0].isEmpty }
    let pitch = (box.width - Self.gutter) / Double(axes.count)
    for (column, axis) in axes.enumerated() {
      let panel = Box(
        x: box.x + Self.gutter + Double(column) * pitch, y: box.y + 34, width: pitch - 12, height: box.height - 34)
      add(kernel.spectra[axis], along: axis, isFirst: column == 0, to: &scene, in: panel)
    }
  }

  private func add(_ values: [Double], along axis: Axis, isFirst: Bool, to scene: inout Scene, in box: Box) {
    let shown = values.prefix(Self.mostBars)
    let left = values.count - shown.count
    let title = "along \(axis.name)" + (left > 0 ? ", \(left) more" : "")
    scene.text(title, at: Point(box.x, box.y - 6), Scene.Style(size: 10, colour: Palette.axis(axis), isBold: true))
    let slots = max(shown.count, 4)
    let plot = Plot(box: box, x: 0.5...(Double(slots) + 0.5), y: (-Self.decades)...0.6)
    plot.addFrame(to: &scene)
    for power in stride(from: 0.0, through: -Self.decades, by: -4) {
      plot.addLevel(power, label: isFirst ? Self.power(power) : "", isRuled: true, to: &scene)
    }
    let width = min(box.width / Double(slots) * 0.7, 22)
    for (index, value) in shown.enumerated() where value > 0 {
      let relative = log10(value / values[0])
      // The last decade holds rounding errors.
      guard relative > 1 - Self.decades else { continue }
      let top = plot.point(Double(index + 1), relative)
      scene.rectangle(
        Box(x: top.x - width / 2, y: top.y, width: width, height: box.bottom - top.y), fill: Palette.axis(axis))
    }
    for number in Set([1, shown.count]).sorted() {
      plot.addMark(Double(number), label: "\(number)", to: &scene)
    }
  }

  private static func power(_ power: Double) -> String { power == 0 ? "1" : "1e\(power.label)" }
}
