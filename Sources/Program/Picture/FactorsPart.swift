import Filters
import Kernels
import Volumes

/// The factors as curves: a row per term, a column per axis.
struct FactorsPart {
  private let kernel: KernelSubject

  init(_ kernel: KernelSubject) { self.kernel = kernel }

  private static let mostTerms = 8
  private static let gutter = 62.0
  private static let gap = 18.0

  private var axes: [Axis] {
    let used = Axis.allCases.filter { axis in kernel.terms.contains { $0[axis] != nil } }
    return used.isEmpty ? [.i] : used
  }

  /// - Returns: Where the part ends.
  func add(to scene: inout Scene, at top: Double) -> Double {
    let left = KernelPicture.margin
    KernelPicture.addHeading("Factors", note: note, at: Point(left, top), to: &scene)
    guard !kernel.terms.isEmpty else {
      let style = Scene.Style(colour: "#444444")
      scene.text("The kernel is applied as it is: no factors.", at: Point(left, top + 24), style)
      return top + 24
    }
    let terms = kernel.terms.prefix(Self.mostTerms)
    let room = KernelPicture.width - 2 * left
    let pitch = min(room / Double(axes.count), 460)
    let height = terms.count > 3 ? 58.0 : 96.0
    var bottom = top
    for (row, term) in terms.enumerated() {
      for (column, axis) in axes.enumerated() {
        let box = Box(
          x: left + Double(column) * pitch + Self.gutter, y: top + 36 + Double(row) * (height + 34),
          width: pitch - Self.gutter - Self.gap, height: height)
        let title = terms.count > 1 ? "along \(axis.name), term \(row + 1)" : "along \(axis.name)"
        scene.text(title, at: Point(box.x, box.y - 6), Scene.Style(size: 10, colour: Palette.axis(axis), isBold: true))
        add(term[axis], along: axis, to: &scene, in: box)
        bottom = box.bottom + 16
      }
    }
    return bottom
  }

  private var note: String {
    let left = kernel.terms.count - Self.mostTerms
    let more = left > 0 ? "; \(Wording.count(left, "term")) more not drawn" : ""
    return kernel.terms.isEmpty ? "" : "weights over voxels from the output voxel\(more)"
  }

  private func add(_ taps: Taps?, along axis: Axis, to scene: inout Scene, in box: Box) {
    guard let taps else {
      let style = Scene.Style(colour: Palette.faint)
      scene.text("no pass: the weight 1", at: Point(box.x, box.y + 20), style)
      return
    }
    let first = Double(-kernel.origin[axis])
    let last = first + Double(kernel.size[axis] - 1)
    let low = min(0, taps.weights.min() ?? 0)
    let high = max(0, taps.weights.max() ?? 0)
    // Room above the highest point; a factor of zeros still has a frame.
    let reach = high - low > 0 ? high - low : 1
    let plot = Plot(box: box, x: (first - 0.7)...(last + 0.7), y: (low - 0.06 * reach)...(high + 0.06 * reach))
    plot.addFrame(to: &scene)
    addLevels(low, high, plot, to: &scene)
    for mark in Set([first, 0, last]).sorted() where mark != 0 || !isCrowded(first, last, plot) {
      plot.addMark(mark, label: mark.label, to: &scene)
    }
    addCurve(taps, plot, Palette.axis(axis), to: &scene)
  }

  /// The labels at the ends, and 0 where it has room.
  private func addLevels(_ low: Double, _ high: Double, _ plot: Plot, to scene: inout Scene) {
    plot.addLevel(0, label: low < 0 && high > 0 ? "" : "0", isRuled: true, to: &scene)
    if high > 0 { plot.addLevel(high, label: high.label, isRuled: false, to: &scene) }
    if low < 0 { plot.addLevel(low, label: low.label, isRuled: false, to: &scene) }
  }

  /// Whether the 0 would touch the numbers at the ends.
  private func isCrowded(_ first: Double, _ last: Double, _ plot: Plot) -> Bool {
    let zero = plot.point(0, 0).x
    let ends = [first, last].filter { $0 != 0 }.map { (plot.point($0, 0).x, Double($0.label.count) * 3.2 + 6) }
    return ends.contains { abs($0.0 - zero) < $0.1 + 4 }
  }

  /// Stems for weights that can be told apart, a line alone for the others.
  private func addCurve(_ taps: Taps, _ plot: Plot, _ colour: String, to scene: inout Scene) {
    let shown = Self.shown(taps)
    let points = shown.map { plot.point(Double($0.index - taps.origin), $0.weight) }
    scene.line(points, Scene.Line(colour: colour, width: 1.2))
    guard plot.box.width / Double(kernel.size.array.max() ?? 1) >= 5 else { return }
    for (tap, point) in zip(shown, points) {
      let foot = plot.point(Double(tap.index - taps.origin), 0)
      scene.line([foot, point], Scene.Line(colour: colour, width: 0.8))
      scene.dot(point, radius: 2.4, fill: colour)
    }
  }

  /// Of very many taps, the largest of each few.
  private static func shown(_ taps: Taps) -> [(index: Int, weight: Double)] {
    let step = (taps.count + 399) / 400
    return stride(from: 0, to: taps.count, by: step).map { start in
      let few = start..<min(start + step, taps.count)
      let index = few.max { taps.weights[$0].magnitude < taps.weights[$1].magnitude } ?? start
      return (index, taps.weights[index])
    }
  }
}
