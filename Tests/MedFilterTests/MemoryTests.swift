import MedFilter
import Synchronization
import Testing

/// Volumes that no file stands behind.
@Suite struct MemoryTests {
  private let voxels: [Float] = (0..<60).map { Float($0 * 37 % 17) }

  @Test func `a volume from memory is filtered as the same volume from a file`() throws {
    let archive = try Archive()
    try archive.writeScan(voxels, to: "a.nii")
    let fromFile = try Volume(contentsOf: archive.place("a.nii"))
    let inMemory = try Volume(voxels, on: Volume.Grid([60, 1, 1], spacing: [2, 2, 2]))
    let chain = try FilterChain([.gaussian(fwhmMillimetres: 7)])
    #expect(try chain.apply(to: inMemory).floats() == chain.apply(to: fromFile).floats())
    #expect(inMemory.dimensions == [60, 1, 1] && inMemory.spacing == [2, 2, 2] && inMemory.findings.isEmpty)
    #expect(inMemory.affine == [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0]])
  }

  @Test func `what is written and read again is the volume that was made`() throws {
    let archive = try Archive()
    let affine = [[0, -1.5, 0, 7], [2, 0, 0, -1], [0, 0, 0.5, 2]]
    let volume = try Volume(voxels, on: Volume.Grid([5, 4, 3], affine: affine))
    #expect(volume.spacing == [2, 1.5, 0.5] && volume.affine == affine)
    try volume.write(to: archive.place("a.nii.gz"))
    let again = try Volume(contentsOf: archive.place("a.nii.gz"))
    #expect(again.floats() == voxels && again.affine == affine && again.dimensions == [5, 4, 3])
    #expect(again[3, 2, 1] == Double(voxels[(1 * 4 + 2) * 5 + 3]))
  }

  @Test func `a series has its frames one behind the other, whatever the number of axes`() throws {
    let doubles = voxels.map(Double.init)
    let volume = try Volume(doubles, on: Volume.Grid([3, 2, 1, 5, 2]))
    #expect(volume.dimensions == [3, 2, 1, 5, 2] && volume.frameCount == 10 && volume.scalar == .double)
    #expect(volume.values(frame: 7) == Array(doubles[42..<48]))
    let plane = try Volume(doubles, on: Volume.Grid([10, 6], spacing: [1, 2]))
    #expect(plane.dimensions == [10, 6] && plane.spacing == [1, 2, 1])
    // Without a k axis there is nothing to filter along k.
    let flat = try #require(throws: MedFilterError.self) {
      try FilterChain([.box(.voxels(3), options: .init(axes: [.k]))]).apply(to: plane)
    }
    expect(flat, "E_KERNEL", "box axes: expected one of the axes of the scan")
  }

  @Test func `axes beyond 32,767 voxels are no hindrance`() throws {
    let line = [Float](repeating: 3, count: 40_000)
    let volume = try Volume(line, on: Volume.Grid([40_000], spacing: [0.1]))
    #expect(volume.dimensions == [40_000] && volume.spacing[0] == 0.1)
    #expect(try FilterChain([.box(sizeVoxels: 5)]).apply(to: volume).floats().allSatisfy { $0 == 3 })
  }

  // MARK: - Without copies

  @Test func `borrowed memory is read where it is, and given back once`() throws {
    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: voxels.count)
    _ = memory.initialize(from: voxels)
    let released = Atomic<Int>(0)
    do {
      let volume = try Volume(borrowing: UnsafeBufferPointer(memory), on: Volume.Grid([5, 4, 1, 3])) {
        released.add(1, ordering: .relaxed)
      }
      for frame in 0..<3 {
        let address: UnsafePointer<Float>? = volume.withVoxels(frame: frame) { voxels in
          guard case .float(let voxels) = voxels else { return nil }
          return voxels.baseAddress
        }
        #expect(address == UnsafePointer(memory.baseAddress.map { $0 + frame * 20 }))
      }
      let smooth = try FilterChain([.gaussian(sigmaVoxels: 1)]).apply(to: volume)
      #expect(smooth.floats() != volume.floats() && Array(memory) == voxels, "borrowed memory was written to")
      // Without another use, a volume may be gone as soon as its last voxel was read.
      withExtendedLifetime(volume) { #expect(released.load(ordering: .relaxed) == 0) }
    }
    #expect(released.load(ordering: .relaxed) == 1)
    memory.deallocate()
  }

  @Test func `borrowed memory that makes no volume is given back, too`() throws {
    let released = Atomic<Int>(0)
    let error = try voxels.map(Double.init).withUnsafeBufferPointer { buffer in
      try #require(throws: MedFilterError.self) {
        try Volume(borrowing: buffer, on: Volume.Grid([7])) { released.add(1, ordering: .relaxed) }
      }
    }
    expect(error, "E_VOLUME", "voxels: expected 7 of them, found 60")
    #expect(released.load(ordering: .relaxed) == 1)
  }

  @Test func `voxels come out as Float, as Double, into the caller's memory or where they are`() throws {
    for volume in [
      try Volume(voxels, on: Volume.Grid([5, 4, 3])), try Volume(voxels.map(Double.init), on: Volume.Grid([5, 4, 3])),
    ] {
      var floats = [Float](repeating: -1, count: 60)
      floats.withUnsafeMutableBufferPointer { volume.copyVoxels(to: $0) }
      var doubles = [Double](repeating: -1, count: 60)
      doubles.withUnsafeMutableBufferPointer { volume.copyVoxels(to: $0) }
      #expect(floats == voxels && doubles == voxels.map(Double.init))
      #expect(volume.floats() == voxels && volume.values() == doubles)
      let sum = volume.withVoxels { voxels in
        switch voxels {
        case .float(let voxels): Double(voxels.reduce(0, +))
        case .double(let voxels): voxels.reduce(0, +)
        }
      }
      #expect(sum == doubles.reduce(0, +))
    }
  }

  // MARK: - Refusals

  @Test(
    arguments: [
      (Volume.Grid([5, 4, 4]), "voxels: expected 5 × 4 × 4 of them, found 60"),
      (Volume.Grid([60, 0]), "dim"), (Volume.Grid([]), "dim"), (Volume.Grid(Array(repeating: 1, count: 8)), "dim"),
      (Volume.Grid([60], spacing: [0]), "spacing: expected lengths above 0"),
      (Volume.Grid([60], spacing: [1, .nan, 1]), "spacing: expected"),
      (Volume.Grid([60], spacing: [1, 1, 1, 1]), "spacing: expected"),
      (Volume.Grid([60], affine: [[1, 0, 0, 0], [0, 1, 0, 0]]), "affine: expected three rows of four numbers"),
      (Volume.Grid([60], affine: [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]]), ""),
      (Volume.Grid([Int.max, 2]), "dim"),
    ])
  func `what makes no volume is refused in a sentence`(grid: Volume.Grid, sentence: String) throws {
    let error = try #require(throws: MedFilterError.self) { try Volume(voxels, on: grid) }
    #expect(error.code == "E_VOLUME" && error.description.hasPrefix(sentence), "\(error)")
  }
}
