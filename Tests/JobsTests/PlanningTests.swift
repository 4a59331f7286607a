import Foundation
import Jobs
import Parallel
import Testing

/// What a plan says about scans that lie in real files.
@Suite struct PlanningTests {
  /// A job over one scan of 16-bit voxels.
  private final class Folder {
    let url = FileManager.default.temporaryDirectory.appending(path: "jobs-plan-\(UUID().uuidString)")

    init(_ dims: [Int16], output: String, filters: String = #"{"filter": "box", "size_vox": 3}"#) throws {
      try FileManager.default.createDirectory(at: url.appending(path: "in"), withIntermediateDirectories: true)
      var header = Data(count: 352)
      func put<T>(_ value: T, at offset: Int) {
        withUnsafeBytes(of: value) { header.replaceSubrange(offset..<offset + $0.count, with: $0) }
      }
      put(Int32(348), at: 0)
      let lengths = [Int16(dims.count)] + dims + Array(repeating: 1, count: 7 - dims.count)
      for (index, length) in lengths.enumerated() { put(length, at: 40 + 2 * index) }
      put(Int16(4), at: 70)
      put(Int16(16), at: 72)
      for index in 0..<8 { put(Float(1), at: 76 + 4 * index) }
      put(Float(352), at: 108)
      header[123] = 2
      header.replaceSubrange(344..<347, with: "n+1".utf8)
      let bytes = dims.reduce(2) { $0 * Int($1) }
      try (header + Data(count: bytes)).write(to: url.appending(path: "in/a.nii"))
      let job = """
        {"medfilter": 1, "name": "plan", "input": {"root": "in"}, "filters": [\(filters)],
         "output": {"root": "out", \(output)}}
        """
      try Data(job.utf8).write(to: url.appending(path: "job.json"))
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func plan(threads: Int = 2, memory: Int = 1 << 40, cancellation: Cancellation = Cancellation()) throws -> JobPlan {
      try JobPlan.resolve(
        jobFile: url.appending(path: "job.json").path,
        overriding: ResourceOverrides(threads: threads, memory: memory), cancellation: cancellation)
    }

    func memory(threads: Int = 2) throws -> Int { try plan(threads: threads).scans[0].content.get().memory }
  }

  private static let plain = #""format": "nii", "voxel_type": "float32""#

  @Test func `a footprint holds at least the voxels as read, as computed and as written`() throws {
    let small = try Folder([8, 8, 8], output: Self.plain).memory()
    let large = try Folder([100, 100, 100], output: Self.plain).memory()
    #expect(large - small >= (1_000_000 - 512) * (2 + 4 + 4))
    let wide = try Folder([100, 100, 100], output: #""format": "nii", "voxel_type": "float64""#).memory()
    // Voxels wait to be written in as many parts of 1 MiB as there are, at most 8.
    #expect(wide - large == 4 << 20)
  }

  @Test func `a footprint grows with a few frames and no more, and with lanes`() throws {
    let one = try Folder([32, 32, 32], output: Self.plain)
    let two = try Folder([32, 32, 32, 2], output: Self.plain)
    #expect(try two.memory() - one.memory() == 32 * 32 * 32 * (2 + 4))
    // Voxels are read and written ahead, up to 8 MiB of each.
    let many = try Folder([32, 32, 32, 200], output: Self.plain).memory()
    #expect(try many - two.memory() <= 2 * 8 << 20)
    #expect(try Folder([32, 32, 32, 400], output: Self.plain).memory() == many)
    #expect(try one.memory(threads: 64) > one.memory(threads: 1))
    #expect(try Folder([32, 32, 32], output: #""format": "nii.gz""#).memory() > one.memory())
  }

  @Test func `a scan beyond the memory that needs whole frames is refused by exactly what it needs`() throws {
    let wrapped = #"{"filter": "box", "size_vox": 3, "boundary": "wrap"}"#
    let folder = try Folder([32, 32, 32], output: Self.plain, filters: wrapped)
    let need = try folder.memory()
    #expect(try folder.plan(memory: need).refused.isEmpty)
    let refused = try folder.plan(memory: need - 1).refused
    #expect(refused.map(\.failure.failureClass) == [.memoryLimit])
    #expect(refused.first?.failure.found.contains("\(need)") == true)
  }

  @Test func `the recipe's digest is that of the numbers, not of the words`() throws {
    let spelt = try [
      #"{"filter": "box", "size_vox": 3}"#, #"{"filter": "box", "size_vox": [3, 3, 3], "boundary": "reflect"}"#,
    ]
    .map { try Folder([8, 8, 8], output: Self.plain, filters: $0).plan().grids[0].points[0].digest }
    #expect(spelt[0] == spelt[1])
    let other = try Folder([8, 8, 8], output: Self.plain, filters: #"{"filter": "box", "size_vox": 5}"#)
    #expect(try other.plan().grids[0].points[0].digest != spelt[0])
  }

  @Test func `planning stops when it is asked to`() throws {
    let cancellation = Cancellation()
    cancellation.cancel()
    let folder = try Folder([8, 8, 8], output: Self.plain)
    let refusal = try #require(throws: JobRefusal.self) { try folder.plan(cancellation: cancellation) }
    #expect(refusal.status == .tryAgain)
  }
}
