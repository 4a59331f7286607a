import Filtering
import Filters
import Kernels
import StrictJSON
import Testing
import Volumes

private func linear(_ plan: FilterPlan) throws -> LinearOperation { try #require(plan.operation as? LinearOperation) }

@Suite struct LinearFilterTests {
  @Test func `a width in mm, as sigma or in voxels gives the same taps`() throws {
    let grid = try Planning.grid(spacing: Spacing(2, 2, 2))
    let fwhm = try Planning.passes(Planning.plan(#"{"filter": "gaussian", "fwhm_mm": 4.7096400900618986}"#, on: grid))
    let sigma = try Planning.passes(Planning.plan(#"{"filter": "gaussian", "sigma_mm": 2}"#, on: grid))
    let voxels = try Planning.passes(Planning.plan(#"{"filter": "gaussian", "sigma_vox": 1}"#, on: grid))
    #expect(sigma == voxels)
    let (a, b) = (try #require(fwhm.i), try #require(sigma.i))
    #expect(a.count == b.count && zip(a.weights, b.weights).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  @Test func `an axis is left alone by a 0, by axes, and by a scan without it`() throws {
    let grid = try Planning.grid()
    let zero = try Planning.passes(Planning.plan(#"{"filter": "gaussian", "sigma_vox": [1, 0, 1]}"#, on: grid))
    #expect(zero.j == nil && zero.i != nil && zero.k != nil)
    let axes = try Planning.passes(Planning.plan(#"{"filter": "box", "size_vox": 3, "axes": ["k"]}"#, on: grid))
    #expect(axes.i == nil && axes.j == nil && axes.k?.count == 3)
    let flat = try Planning.grid(Shape(i: 4, j: 4), dimensions: 2)
    let plane = try Planning.passes(Planning.plan(#"{"filter": "gaussian", "sigma_vox": 1}"#, on: flat))
    #expect(plane.k == nil && plane.i == plane.j)
  }

  @Test(arguments: ["gaussian\", \"sigma_vox\": 1", "box\", \"size_vox\": 3"])
  func `a scan without the axis to filter is refused`(element: String) throws {
    let flat = try Planning.grid(Shape(i: 4, j: 4), dimensions: 2)
    let filter = try Planning.filter("{\"filter\": \"\(element), \"axes\": [\"k\"]}")
    let failure = #expect(throws: ScanFailure.self) { try filter.plan(for: flat) }
    #expect(failure?.failureClass == .kernelUnfit && failure?.phase == .plan)
  }

  @Test func `a Gaussian beyond all voxels is refused by the scan`() throws {
    let filter = try Planning.filter(#"{"filter": "gaussian", "sigma_mm": 5000}"#)
    let fine = try Planning.grid(spacing: Spacing(1, 1, 0.01))
    let failure = #expect(throws: ScanFailure.self) { try filter.plan(for: fine) }
    #expect(failure?.subject == "gaussian radius along k")
    #expect(failure?.expected == "at most 32767 voxels")
  }

  @Test func `a box of one voxel runs no pass`() throws {
    let passes = try Planning.passes(
      Planning.plan(#"{"filter": "box", "size_vox": [1, 3, 1]}"#, on: Planning.grid()))
    #expect(passes.i == nil && passes.j?.count == 3 && passes.k == nil)
  }

  @Test(arguments: [
    ("reflect", Boundary.reflect), ("mirror", .mirror), ("nearest", .nearest), ("wrap", .wrap),
    ("constant", .constant(0)), ("renormalise", .renormalise),
  ])
  func `boundaries go by their names`(name: String, expected: Boundary) throws {
    let element = #"{"filter": "box", "size_vox": 3, "boundary": "\#(name)"}"#
    #expect(try linear(Planning.plan(element, on: Planning.grid())).boundary == expected)
  }

  @Test func `the constant boundary takes its value`() throws {
    let element = #"{"filter": "box", "size_vox": 3, "boundary": "constant", "value": -1024}"#
    #expect(try linear(Planning.plan(element, on: Planning.grid())).boundary == .constant(-1024))
  }

  @Test func `a mask comes with its rules, and must fit`() throws {
    let element = #"{"filter": "gaussian", "fwhm_mm": 4, "mask": "m.nii", "mask_outside": "nan", "min_weight": 0.25}"#
    let filter = try Planning.filter(element)
    #expect(filter.scansBeside.map(\.file) == ["m.nii"] && filter.scansBeside.map(\.key) == ["mask"])
    let shape = try #require(Shape(i: 2, j: 2, k: 2))
    let mask = Mask(shape: shape, inside: [0, 1, 1, 1, 0, 0, 0, 1])
    let step = try linear(filter.plan(for: Planning.grid(shape, mask: mask)))
    #expect(
      step.mask?.outside == .nan && step.mask?.minimumWeight == 0.25 && step.mask?.mask.loaded?.inside == mask.inside)
    let failure = #expect(throws: ScanFailure.self) { try filter.plan(for: Planning.grid(mask: mask)) }
    #expect(failure?.failureClass == .gridMismatch)
  }

  @Test func `voxel-wise filters say what they do`() throws {
    let shape = try #require(Shape(i: 2))
    let grid = try Planning.grid(shape, mask: Mask(shape: shape, inside: [0, 1]))
    let elements = [
      #"{"filter": "scale", "slope": 2}"#, #"{"filter": "clamp", "upper": 3}"#,
      #"{"filter": "threshold", "lower": 1, "outside": -1}"#, #"{"filter": "mask", "file": "m.nii"}"#,
    ]
    let operations = try elements.map { try Planning.plan($0, on: grid).operation }
    #expect(operations[0] as? Scale == Scale(slope: 2, intercept: 0))
    #expect(operations[1] as? Clamp == Clamp(lower: nil, upper: 3))
    #expect(operations[2] as? Threshold == Threshold(lower: 1, upper: nil, outside: -1))
    #expect((operations[3] as? MaskOut)?.mask.loaded?.inside == [0, 1])
  }
}
