import Filters
import Volumes

/// The weights as an image per slice.
struct SlicesPart {
  private let kernel: KernelSubject
  /// Indices of the weights that are drawn along each axis: all, or as many as can be seen.
  private let indices: PerAxis<[Int]>
  /// i fastest.
  private let weights: [Double]
  private let largest: Double
  private let isSigned: Bool

  init(_ kernel: KernelSubject) {
    self.kernel = kernel
    let indices = PerAxis(
      Self.spread(kernel.size.i, most: 65, around: kernel.origin.i),
      Self.spread(kernel.size.j, most: 65, around: kernel.origin.j),
      Self.spread(kernel.size.k, most: 24, around: kernel.origin.k))
    let weights = indices.k.flatMap { k in
      indices.j.flatMap { j in indices.i.map { i in kernel.weight(at: PerAxis(i, j, k)) } }
    }
    self.indices = indices
    self.weights = weights
    largest = weights.reduce(0) { max($0, $1.magnitude) }
    isSigned = weights.contains { $0 < 0 }
  }

  /// Every nth index so that at most `most` are left and the output voxel's is one of them.
  private static func spread(_ count: Int, most: Int, around origin: Int) -> [Int] {
    let step = (count + most - 1) / most
    let anchor = min(max(origin, 0), count - 1) % step
    return Array(stride(from: anchor, to: count, by: step))
  }

  // MARK: - Layout

  private static let gap = 18.0
  /// Left of each row, for the j axis.
  private static let gutter = 30.0

  private var columns: Int {
    let count = indices.k.count
    let rows = (count + 7) / 8
    return (count + rows - 1) / rows
  }

  /// The edge of a drawn weight in pixels.
  private var side: Double {
    let room = KernelPicture.width - 2 * KernelPicture.margin - Self.gutter - Double(columns - 1) * Self.gap
    let across = room / Double(columns) / Double(indices.i.count)
    let down = (columns == 1 ? 330 : 260) / Double(indices.j.count)
    // Whole pixels where there are enough of them, so that no seams are seen.
    let side = min(across, down, 48)
    return side >= 2 ? side.rounded(.down) : side
  }

  /// - Returns: Where the part ends.
  func add(to scene: inout Scene, at top: Double) -> Double {
    KernelPicture.addHeading("Weights", note: note, at: Point(KernelPicture.margin, top), to: &scene)
    addScale(to: &scene, at: top)
    let (width, height) = (side * Double(indices.i.count), side * Double(indices.j.count))
    let pitch = max(width, 56) + Self.gap
    var bottom = top
    for slice in indices.k.indices {
      let box = Box(
        x: KernelPicture.margin + Self.gutter + Double(slice % columns) * pitch,
        y: top + (kernel.size.k > 1 ? 34 : 20) + Double(slice / columns) * (height + 44), width: width, height: height)
      add(slice, to: &scene, in: box)
      bottom = box.bottom + 14
    }
    return bottom
  }

  private var note: String {
    let drawn = Axis.allCases.filter { indices[$0].count < kernel.size[$0] }
    let all = "in voxels from the output voxel"
    guard !drawn.isEmpty else { return all }
    let parts = drawn.map { "\(indices[$0].count) of \(kernel.size[$0]) along \($0.name)" }
    return "\(all); drawn are \(parts.joined(separator: ", "))"
  }

  private func step(_ weight: Double) -> Int {
    guard largest > 0 else { return isSigned ? Palette.steps / 2 : 0 }
    let share = weight / largest
    let place = isSigned ? (share + 1) / 2 : share
    return Int((min(max(place, 0), 1) * Double(Palette.steps - 1)).rounded())
  }
}

// MARK: - Painting

extension SlicesPart {
  private func add(_ slice: Int, to scene: inout Scene, in box: Box) {
    addCells(slice, to: &scene, in: box)
    addNumbers(slice, to: &scene, in: box)
    scene.rectangle(box, fill: "none", border: Scene.Line(colour: "#aaaaaa"))
    if kernel.size.k > 1 {
      let caption = Scene.Style(isNumber: true, anchor: .middle)
      scene.text("k = \(offset(indices.k[slice], .k))", at: Point(box.middle, box.y - 6), caption)
    }
    if kernel.size.i > 1 { addColumns(to: &scene, in: box) }
    if kernel.size.j > 1, slice % columns == 0 { addRows(to: &scene, in: box) }
  }

  /// Below the cells that they belong to, or below the corners where cells are narrow.
  private func addColumns(to scene: inout Scene, in box: Box) {
    let (isWide, y) = (side >= 20, box.bottom + 12)
    let (first, last) = (offset(indices.i[0], .i), offset(indices.i[indices.i.count - 1], .i))
    scene.text(first, at: Point(box.x + (isWide ? side / 2 : 0), y), .tick(isWide ? .middle : .start))
    scene.text(last, at: Point(box.right - (isWide ? side / 2 : 0), y), .tick(isWide ? .middle : .end))
    if Double(first.count + last.count + 4) * 6 < box.width {
      scene.text("i", at: Point(box.middle, y), .tick(.middle))
    }
  }

  private func addRows(to scene: inout Scene, in box: Box) {
    let faint = Scene.Style.tick(.end)
    let inset = min(side / 2, 8)
    scene.text("\(offset(indices.j[0], .j))", at: Point(box.x - 5, box.y + inset + 4), faint)
    if box.height >= 40 { scene.text("j", at: Point(box.x - 5, box.y + box.height / 2 + 4), faint) }
    let last = offset(indices.j[indices.j.count - 1], .j)
    scene.text("\(last)", at: Point(box.x - 5, box.bottom - inset + 4), faint)
  }

  private func offset(_ index: Int, _ axis: Axis) -> String {
    "\(index - kernel.origin[axis])".replacing("-", with: "−")
  }

  /// One element per colour, neighbours of one colour in one piece.
  private func addCells(_ slice: Int, to scene: inout Scene, in box: Box) {
    let (columns, rows) = (indices.i.count, indices.j.count)
    var bars: [Int: [(corner: Point, length: Double)]] = [:]
    for row in 0..<rows {
      let line = weights[(columns * (row + rows * slice))...].prefix(columns).map(step)
      var start = 0
      while start < columns {
        let count = line[start...].prefix { $0 == line[start] }.count
        let corner = Point(box.x + side * Double(start), box.y + side * Double(row))
        bars[line[start], default: []].append((corner, side * Double(count)))
        start += count
      }
    }
    for step in bars.keys.sorted() {
      let fill = Palette.colour(step: step, isSigned: isSigned)
      scene.bars(bars[step] ?? [], height: side, fill: fill)
    }
  }

  /// The weights as numbers, where they fit.
  private func addNumbers(_ slice: Int, to scene: inout Scene, in box: Box) {
    guard side >= 36 else { return }
    let (columns, rows) = (indices.i.count, indices.j.count)
    for index in 0..<columns * rows {
      let weight = weights[index + columns * rows * slice]
      guard Double(weight.label.count) * 6.7 < side else { continue }
      let isDark = Palette.isDark(step: step(weight), isSigned: isSigned)
      let (column, row) = (Double(index % columns) + 0.5, Double(index / columns) + 0.5)
      scene.text(
        weight.label, at: Point(box.x + side * column, box.y + side * row + 4),
        Scene.Style(colour: isDark ? Palette.paper : Palette.ink, isNumber: true, anchor: .middle))
    }
  }

  /// What the colours stand for.
  private func addScale(to scene: inout Scene, at top: Double) {
    let width = 2.0
    let length = width * Double(Palette.steps)
    let x = KernelPicture.width - KernelPicture.margin - length
    for step in 0..<Palette.steps {
      scene.rectangle(
        Box(x: x + width * Double(step), y: top - 22, width: width + 0.3, height: 9),
        fill: Palette.colour(step: step, isSigned: isSigned))
    }
    let style = Scene.Style(size: 10, colour: Palette.faint, isNumber: true, anchor: .middle)
    scene.text(isSigned ? (-largest).label : "0", at: Point(x, top), style)
    if isSigned { scene.text("0", at: Point(x + length / 2, top), style) }
    scene.text(
      largest.label, at: Point(x + length, top),
      Scene.Style(size: 10, colour: Palette.faint, isNumber: true, anchor: .end))
  }
}
