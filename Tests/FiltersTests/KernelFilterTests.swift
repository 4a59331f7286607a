import Filtering
import Filters
import Kernels
import StrictJSON
import Testing
import Volumes

@Suite struct KernelFilterTests {
  private func kernel(_ text: String) throws -> KernelFilter { try KernelFilter.decode(Array(text.utf8)) }

  @Test func `Sobel is two passes of integers`() throws {
    let sobel = try kernel(#"{"weights": [[1, 0, -1], [2, 0, -2], [1, 0, -1]]}"#)
    // The Frobenius norm of a kernel of rank 1 is its first singular value: √12.
    #expect(abs(sobel.kernel.singularValues[0] - 12.0.squareRoot()) < 1e-14)
    #expect(sobel.kernel.isInteger && sobel.kernel.rank == 1 && sobel.kernel.method == .separable)
    let term = try #require(sobel.kernel.terms.first)
    #expect(term.i?.weights == [1, 0, -1] && term.j?.weights == [1, 2, 1] && term.k == nil)
    #expect(sobel.kernel.bound == 0 && sobel.kernel.multipliesBefore == 9 && sobel.kernel.multipliesAfter == 6)
  }

  @Test func `a kernel that does not come apart stays dense`() throws {
    let cross = try kernel(#"{"weights": [[0, 1, 0], [1, 2, 1], [0, 1, 0]]}"#)
    #expect(cross.kernel.method == .dense && cross.kernel.rank == 2 && cross.kernel.terms.isEmpty)
    #expect(cross.kernel.multipliesAfter == 9)
  }

  @Test func `dense is done as asked, and says what would have been possible`() throws {
    let box = try kernel(#"{"weights": [[1, 1], [1, 1]], "method": "dense"}"#)
    #expect(box.kernel.method == .dense && box.kernel.rank == 1 && box.kernel.multipliesAfter == 4)
  }

  @Test func `dividing keeps the product of the passes`() throws {
    let divided = try kernel(#"{"weights": [[1, 2, 1], [2, 4, 2], [1, 2, 1]], "normalise": "sum"}"#)
    #expect(!divided.kernel.isInteger && divided.kernel.method == .separable)
    let term = try #require(divided.kernel.terms.first)
    let sum = (term.i?.sum ?? 1) * (term.j?.sum ?? 1) * (term.k?.sum ?? 1)
    #expect(abs(sum - 1) < 1e-15)
    #expect(divided.kernel.weights.weights.reduce(0, +) == 1)
  }

  @Test func `the bound covers what the passes leave out`() throws {
    let noisy = try kernel(#"{"weights": [[1, 2.0000001], [2, 4]], "tolerance": 1e-6}"#)
    let term = try #require(noisy.kernel.terms.first)
    let (i, j) = (try #require(term.i), try #require(term.j))
    let product = j.weights.flatMap { b in i.weights.map { a in a * b } }
    let residual = zip(product, noisy.kernel.weights.weights).reduce(0) { $0 + abs($1.0 - $1.1) }
    #expect(noisy.kernel.bound > 0 && residual <= noisy.kernel.bound * (1 + 1e-6))
    let strict = try kernel(#"{"weights": [[1, 2.0000001], [2, 4]], "tolerance": 0}"#)
    #expect(strict.kernel.method == .dense)
  }

  @Test func `a file gives the keys that the job does not`() throws {
    let files = FilterSurroundings { _ throws(UnreadableFile) in
      .json(Array(#"{"weights": [1, 2, 3], "mode": "convolve", "normalise": "sum", "boundary": "nearest"}"#.utf8))
    }
    let filter = try Planning.filter(#"{"filter": "kernel", "file": "a.json", "mode": "correlate"}"#, in: files)
    let operation = try #require(try filter.plan(for: Planning.grid()).operation as? LinearOperation)
    #expect(operation.boundary == .nearest)
    let passes = try Planning.passes(filter.plan(for: Planning.grid()))
    #expect(passes.i?.weights == [1.0 / 6, 2.0 / 6, 3.0 / 6])
  }

  @Test(arguments: ["[1]", "7", "{}", #"{"weights": [1], "file": "b.json"}"#, #"{"weights": [1], "filter": "box"}"#])
  func `a kernel file that is none is refused`(text: String) {
    let problem = #expect(throws: KernelProblem.self) { try kernel(text) }
    #expect(problem?.sentences.isEmpty == false)
  }

  @Test func `a million weights are enough`() {
    let row = "[" + Array(repeating: "1", count: 1025).joined(separator: ",") + "]"
    let text = "{\"weights\": [" + Array(repeating: row, count: 1024).joined(separator: ",") + "]}"
    let problem = #expect(throws: KernelProblem.self) { try kernel(text) }
    #expect(problem?.sentences == ["weights: expected at most 1048576 weights, found 1049600 (line 1)"])
  }

  @Test func `zeros are a kernel of rank 0`() throws {
    #expect(try kernel(#"{"weights": [[0, 0], [0, 0]]}"#).kernel.rank == 0)
  }
}
