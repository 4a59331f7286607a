import Filtering
import Filters
import Parallel
import Testing
import Volumes

@Suite struct `A voxelwise operation` {
  /// One voxel of each kind, in a frame long enough for whole vectors and a tail.
  private func applied(_ operation: any Filtering.Operation, to values: [Float], _ set: InstructionSet) throws
    -> [Float]
  {
    let shape = try #require(Shape(i: 37))
    let frame = try Frame<Float>(shape: shape)
    for voxel in frame.voxels.indices { frame.voxels[voxel] = values[voxel % values.count] }
    let found = try Engine(threads: 2, set).apply(Chain([operation]), to: frame, absentNonFinite: false)
    for voxel in found.voxels.indices {
      let (one, other) = (found.voxels[voxel], found.voxels[voxel % values.count])
      #expect(one == other || one.isNaN && other.isNaN)
    }
    return Array(found.voxels.prefix(values.count))
  }

  private let values: [Float] = [-3, -0.5, 0, 0.7, 1, 2.5, -.infinity, .infinity, .nan]

  @Test(arguments: InstructionSet.available) func `clamps to its bounds`(set: InstructionSet) throws {
    let found = try applied(Clamp(lower: -0.5, upper: 0.7), to: values, set)
    #expect(Array(found.dropLast()) == [-0.5, -0.5, 0, 0.7, 0.7, 0.7, -0.5, 0.7] && found.last?.isNaN == true)
    let above = try applied(Clamp(lower: nil, upper: 0.7), to: values, set)
    #expect(Array(above.dropLast()) == [-3, -0.5, 0, 0.7, 0.7, 0.7, -.infinity, 0.7] && above.last?.isNaN == true)
  }

  @Test(arguments: InstructionSet.available) func `replaces what is beyond a threshold`(set: InstructionSet) throws {
    let found = try applied(Threshold(lower: 0.7, upper: 1, outside: -9), to: values, set)
    #expect(Array(found.dropLast()) == [-9, -9, -9, 0.7, 1, -9, -9, -9] && found.last?.isNaN == true)
    let below = try applied(Threshold(lower: 0.7, upper: nil, outside: .nan), to: values, set)
    #expect(below.map(\.isNaN) == [true, true, true, false, false, false, true, false, true])
  }

  @Test(arguments: InstructionSet.available) func `scales with one rounding`(set: InstructionSet) throws {
    // 1 − 2⁻²⁴ is lost when the product is rounded before the sum.
    let tiny: Float = 0x1p-12
    let found = try applied(Scale(slope: Double(1 + tiny), intercept: -1), to: [1 - tiny, 2, .nan], set)
    #expect(found[0] == -tiny * tiny && found[1] == 1 + 2 * tiny && found[2].isNaN)
  }

  @Test(arguments: InstructionSet.available) func `masks to zero, whatever was there`(set: InstructionSet) throws {
    let shape = try #require(Shape(i: 37))
    let frame = try Frame<Float>(shape: shape)
    for voxel in frame.voxels.indices { frame.voxels[voxel] = voxel % 2 == 0 ? .nan : Float(voxel) }
    let mask = Mask(shape: shape, inside: (0..<37).map { $0 % 3 == 0 ? 1 : 0 })
    let chain = Chain([MaskOut(mask: .loaded(mask))])
    let found = try Engine(threads: 1, set).apply(chain, to: frame, absentNonFinite: false)
    for (voxel, value) in found.voxels.enumerated() {
      #expect(voxel % 3 != 0 ? value == 0 : voxel % 2 == 0 ? value.isNaN : value == Float(voxel))
    }
  }
}
