import Filtering
import Testing
import Volumes

@Suite struct GridPlanTests {
  private func shape(_ i: Int, _ j: Int, _ k: Int) throws -> Shape { try #require(Shape(i: i, j: j, k: k)) }

  @Test func `another spacing keeps the corner of the field of view`() throws {
    let old = Spacing(1, 1.5, 3)
    let plan = try #require(
      GridPlan.resampled(try shape(10, 9, 4), frames: 2, spacing: old, to: Spacing(2, 2, 1)))
    #expect(plan.shape == Shape(i: 5, j: 7, k: 12))
    #expect((plan.frames, plan.spacing) == (2, Spacing(2, 2, 1)))
    for row in 0..<3 {
      #expect(abs(plan.newToOld.rows[row][row] * -0.5 + plan.newToOld.rows[row][3] + 0.5) <= 1e-15)
    }
    let factor = GridPlan.resampled(try shape(10, 9, 4), frames: 2, spacing: old, by: PerAxis(0.5, 0.75, 3))
    #expect(factor == plan)
    for bad in [0, -1, .nan, .infinity, 1e-300] {
      #expect(GridPlan.resampled(try shape(10, 9, 4), frames: 1, spacing: old, to: Spacing(all: bad)) == nil)
    }
  }

  @Test func `a part, a reduction and another scan's grid`() throws {
    let (whole, spacing) = (try shape(10, 9, 4), Spacing(1, 1.5, 3))
    let part = GridPlan.cropped(whole, frames: 1, spacing: spacing, from: PerAxis(2, 0, 3), size: try shape(8, 9, 1))
    #expect(part?.newToOld == Affine(rows: [[1, 0, 0, 2], [0, 1, 0, 0], [0, 0, 1, 3]]))
    for start in [PerAxis(3, 0, 3), PerAxis(-1, 0, 0), PerAxis(.max, 0, 0)] {
      #expect(GridPlan.cropped(whole, frames: 1, spacing: spacing, from: start, size: try shape(8, 9, 1)) == nil)
    }
    let reduced = try #require(GridPlan.reduced(whole, frames: 1, spacing: spacing, along: .k))
    #expect((reduced.shape, reduced.spacing) == (try shape(10, 9, 1), Spacing(1, 1.5, 12)))
    #expect(reduced.newToOld == Affine(rows: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 4, 1.5]]))
    let affine = Affine(rows: [[0.8, -0.9, 0, -10], [0.6, 1.2, 0.5, -20], [0, 0, 2.5, -30]])
    let other = Affine(rows: [[2, 0, 0, -5], [0, 2, 0, 5], [0, 0.5, 2, 1]])
    let onto = try #require(
      GridPlan.onto(whole, frames: 1, spacing: spacing, affine: other, from: affine))
    #expect(affine.after(onto.newToOld).distance(to: other) <= 1e-12)
    let flat = Affine(rows: [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]])
    #expect(GridPlan.onto(whole, frames: 1, spacing: spacing, affine: other, from: flat) == nil)
  }
}
