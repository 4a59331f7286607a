import Kernels
import SeededNumbers
import Testing
import Volumes

/// Taking a kernel apart asks whether to stop, wherever it spends its time.
@Suite struct StopTests {
  private struct Stop: Error {}

  private static func noise(_ shape: Shape) -> DenseKernel {
    var numbers = SeededNumbers(seed: 5)
    let weights = (0..<shape.count).map { _ in Double.random(in: 0...1, using: &numbers) }
    return DenseKernel(shape: shape, weights: weights, origin: PerAxis(all: 0))
  }

  /// Stopped at the first question, at the last, and at some between.
  @Test(arguments: [(40, 40, 1), (9, 8, 7), (2, 90, 3)]) func `at any question`(i: Int, j: Int, k: Int) throws {
    let kernel = Self.noise(try #require(Shape(i: i, j: j, k: k)))
    var questions = 0
    let whole = Factoring.factor(kernel, tolerance: 0.3) { () throws(Never) in questions += 1 }
    #expect(whole == Factoring.factor(kernel, tolerance: 0.3))
    #expect(questions > 50)
    for last in [1, 2, questions / 3, questions / 2, questions - 1, questions] {
      var asked = 0
      #expect(throws: Stop.self) {
        try Factoring.factor(kernel, tolerance: 0.3) { () throws(Stop) in
          asked += 1
          if asked == last { throw Stop() }
        }
      }
      #expect(asked == last)
    }
  }

  /// No stretch of work between two questions is longer than a few passes over the weights: else a kernel of a million
  /// weights would not end in time.
  @Test func `often enough`() throws {
    let kernel = Self.noise(try #require(Shape(i: 150, j: 150)))
    var (longest, before) = (Duration.zero, ContinuousClock.now)
    let began = before
    _ = Factoring.factor(kernel, tolerance: 1e-6) { () throws(Never) in
      longest = max(longest, before.duration(to: .now))
      before = .now
    }
    #expect(longest < began.duration(to: .now) / 4)
  }
}
