import Filtering
import Filters
import Glibc
import StrictJSON
import Testing
import Volumes

/// Elements and scipy's answers to them; `Golden/make.py` made them.
struct GoldenPlan: Sendable, CustomTestStringConvertible {
  let element: JSONNode
  let response: [Double]

  var testDescription: String { JSONOutput(element).encoded() }

  static let all: [GoldenPlan] = {
    let path = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/Golden/plans.json"
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    let cases = (try? JSONReader.parse(Array(bytes[..<count])))?.array ?? []
    return cases.compactMap { plan in
      guard let element = plan["element"], let response = plan["response"]?.array else { return nil }
      return GoldenPlan(element: element, response: response.compactMap(\.double))
    }
  }()
}

@Suite struct GoldenPlanTests {
  @Test func `the answers are there`() {
    #expect(GoldenPlan.all.count == 46)
  }

  @Test(arguments: GoldenPlan.all)
  func `an element does to one voxel what scipy does`(golden: GoldenPlan) throws {
    let grid = try Planning.grid()
    let plan = try Planning.filter(golden.element).plan(for: grid)
    let step = try #require(plan.operation as? LinearOperation)
    let response = ImpulseResponse(shape: grid.shape, place: PerAxis(3, 3, 2)).voxels(step.kernel)
    let largest = golden.response.map(\.magnitude).max() ?? 0
    let errors = zip(response, golden.response).map { ($0 - $1).magnitude }
    #expect(golden.response.count == grid.shape.count)
    // A few roundings of weights in Double.
    #expect(try #require(errors.max()) <= 1e-14 * largest)
  }

  @Test func `the golden plans are there`() { #expect(GoldenPlan.all.count == 46) }
}
