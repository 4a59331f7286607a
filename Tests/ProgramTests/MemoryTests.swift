import Testing

@Suite struct MemoryTests {
  @Test(arguments: ["nii", "nii.gz"])
  func `a series of 400 frames takes no more memory than one of 80`(format: String) throws {
    // 80 frames fill all buffers: batches of chunks, frames ahead, and the pieces that are read back.
    let peaks = try [80, 400].map { frames in
      let scratch = try Scratch()
      let header = TinyScan(dims: [48, 48, 24, frames], type: .uint8, values: []).header
      let voxels = (0..<48 * 48 * 24 * frames).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
      try scratch.write(header + voxels, to: "in/a.nii")
      var job = TestJob()
      job.format = format
      try scratch.write(job)
      let outcome = try scratch.start(["run", "job.json"]).finishWatched()
      try #require(outcome.status == 0, "\(outcome.stderr)")
      return outcome.peak
    }
    #expect(peaks[0] > 0)
    #expect(Double(peaks[1]) <= 1.1 * Double(peaks[0]), "\(peaks) KiB")
  }
}
