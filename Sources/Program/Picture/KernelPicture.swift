import Filters
import Kernels
import Volumes

/// A kernel on one page: its weights slice by slice, its factors as curves, singular values as bars, and what it does to
/// waves.
struct KernelPicture {
  private let kernel: KernelSubject

  init(_ kernel: KernelSubject) { self.kernel = kernel }

  /// The page's width, and the empty frame around it.
  static let width = 1000.0
  static let margin = 32.0

  var svg: String { scene.svg(title: "\(kernel.name): \(KernelWords(kernel).title)") }

  private var scene: Scene {
    var scene = Scene(width: Self.width)
    var y = addHead(to: &scene)
    y = SlicesPart(kernel).add(to: &scene, at: y + 34)
    y = FactorsPart(kernel).add(to: &scene, at: y + 40)
    let half = (Self.width - 2 * Self.margin - 40) / 2
    let values = Box(x: Self.margin, y: y + 40, width: half, height: 170)
    let waves = Box(x: values.right + 40, y: y + 40, width: half, height: 170)
    SpectrumPart(kernel).add(to: &scene, in: values)
    ResponsePart(kernel).add(to: &scene, in: waves)
    scene.height += Self.margin
    return scene
  }

  /// - Returns: Where the head ends.
  private func addHead(to scene: inout Scene) -> Double {
    let words = KernelWords(kernel)
    let title = Scene.Style(size: 20, isBold: true)
    scene.text("\(kernel.name): \(words.title)", at: Point(Self.margin, Self.margin + 18), title)
    var y = Self.margin + 24
    let facts = [
      "path        \(kernel.method.rawValue): \(words.reason)", "multiplies  \(words.multiplies)",
      "error       \(words.error)", "weights     \(words.weights)",
    ]
    for line in facts.flatMap({ Self.wrapped($0, hanging: 12) }) {
      y += 16
      scene.text(line, at: Point(Self.margin, y), Scene.Style(colour: "#444444", isNumber: true))
    }
    return y
  }

  /// Lines of at most as many letters as fit, those after the first indented.
  private static func wrapped(_ text: String, hanging: Int) -> [String] {
    let most = 135
    var lines = [""]
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if lines[lines.count - 1].count + word.count >= most { lines.append(String(repeating: " ", count: hanging - 1)) }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
    }
    return lines
  }

  static func addHeading(_ text: String, note: String = "", at place: Point, to scene: inout Scene) {
    scene.text(text, at: place, Scene.Style(size: 14, isBold: true))
    let start = place.x + Double(text.count) * 9.5 + 14
    scene.text(note, at: Point(start, place.y), Scene.Style(colour: Palette.faint))
  }
}

extension Double {
  /// For a label: short, and a minus sign as long as a plus.
  var label: String { short.replacing("-", with: "−") }
}
