import Kernels
import Testing

@Test func `the exponential is within 0.7 ulp of fifty digits`() throws {
  for var golden in try GoldenCase.all(in: "exponentials.txt") {
    let (x, nearest, remainder) = (try golden.double(), try golden.double(), try golden.double())
    let error = (exponential(x) - nearest) / nearest.ulp - remainder
    #expect(error.magnitude <= 0.7, "exp(\(x)) is off by \(error) ulp")
  }
}

@Test func `the exponential has the bits it had on the first machine`() throws {
  // FNV-1a over the bits of all results. A CPU or a compiler that rounds differently changes it.
  var digest: UInt64 = 0xcbf2_9ce4_8422_2325
  for var golden in try GoldenCase.all(in: "exponentials.txt") {
    digest = (digest ^ exponential(try golden.double()).bitPattern) &* 0x100_0000_01b3
  }
  #expect(digest == 0x396b111873091868)
}

@Test func `the exponential keeps its limits`() {
  #expect(exponential(0) == 1)
  #expect(exponential(-1000) == 0)
  #expect(exponential(-.infinity) == 0)
  #expect(exponential(1000) == .infinity)
  #expect(exponential(.infinity) == .infinity)
  #expect(exponential(.nan).isNaN)
}
