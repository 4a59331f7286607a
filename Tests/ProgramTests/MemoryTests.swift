import Testing

@Suite struct MemoryTests {
  @Test(arguments: ["nii", "nii.gz"])
  func `a series of 400 frames takes no more memory than one of 40`(format: String) throws {
    let peaks = try [40, 400].map { frames in
      let scratch = try Scratch()
      try scratch.write(TinyScan(dims: [32, 32, 24, frames], type: .uint8, values: series(frames)), to: "in/a.nii")
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

  private func series(_ frames: Int) -> [Double] {
    (0..<32 * 32 * 24 * frames).map { Double($0 &* 2_654_435_761 >> 7 & 63) }
  }
}
