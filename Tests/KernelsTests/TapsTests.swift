import Kernels
import Testing

private let powers = (0..<13).map { Double(1 << $0) }

@Test func `boxes are those of scipy`() throws {
  for var golden in try GoldenCase.all(in: "boxes.txt") {
    let taps = try Box.taps(size: try golden.integer())
    let expected = try golden.remainingDoubles()
    for (found, expected) in zip(correlated(powers, with: taps), expected) {
      // scipy keeps a running sum of numbers up to 4096.
      #expect((found - expected).magnitude <= 4096 * 8 * .ulpOfOne)
    }
  }
}

@Test func `a width becomes the nearest odd size, ties up`() {
  let widths = [-3, 0, 0.4, 1, 1.9, 2, 2.9, 3, 3.99, 4, 5, 7.2]
  #expect(widths.map(Box.size(width:)) == [1, 1, 1, 1, 1, 3, 3, 3, 3, 5, 5, 7])
  #expect(Box.size(width: 1e300) == .max)
  #expect(Box.size(width: .infinity) == .max)
  #expect(Box.size(width: .nan) == .max)
}

@Test(arguments: [0, -1, 65_536, Int.max]) func `a box that cannot be is refused`(size: Int) {
  let failure = #expect(throws: KernelFailure.self) { try Box.taps(size: size) }
  #expect(failure?.description == "box size: expected 1 to 65535 voxels, found \(size)")
}

@Test func `correlating with flipped taps is scipy's convolution`() throws {
  for var golden in try GoldenCase.all(in: "flips.txt") {
    let (count, origin) = (try golden.integer(), try golden.integer())
    // scipy counts the origin from the middle, the right one of two.
    let taps = Taps(weights: try golden.doubles(count), origin: count / 2 + origin)
    let expected = try golden.remainingDoubles()
    // Small integers: no rounding anywhere.
    #expect(correlated(powers, with: taps.flipped()) == expected, "\(golden)")
  }
}

@Test func `flipping twice changes nothing`() {
  for origin in -3...6 {
    let taps = Taps(weights: [1, 2, 3, 5], origin: origin)
    #expect(taps.flipped().flipped() == taps)
  }
}

@Test func `sums keep or drop the signs`() {
  let taps = Taps(weights: [1, -2, 4], origin: 1)
  #expect(taps.sum == 3)
  #expect(taps.absoluteSum == 7)
}

@Test func `the realised sigma is the root of the second central moment`() throws {
  #expect(try Box.taps(size: 1).realisedSigma == 0)
  // A box of n has variance (n² − 1) / 12.
  for size in 2...20 {
    let expected = (Double(size * size - 1) / 12).squareRoot()
    let found = try #require(try Box.taps(size: size).realisedSigma)
    #expect((found - expected).magnitude <= 1e-14 * expected)
  }
  let shifted = Taps(weights: [0, 0, 3, 3], origin: -9)
  #expect(shifted.realisedSigma == 0.5)
  #expect(shifted.realisedFWHM == 0.5 * Gaussian.fwhmPerSigma)
}

@Test func `a wide gaussian keeps its sigma and a narrow one does not`() throws {
  let wide = try #require(try Gaussian.taps(sigma: 3, truncate: 8).realisedSigma)
  #expect((wide - 3).magnitude < 1e-9)
  // 3 mm FWHM on 3 mm voxels becomes 2.36 mm, as research on other packages found for the sampled Gaussian.
  let narrow = try #require(try Gaussian.taps(sigma: 1 / Gaussian.fwhmPerSigma).realisedFWHM)
  #expect((narrow * 3 - 2.36).magnitude < 0.005)
}

@Test func `taps that are no distribution have no sigma`() {
  #expect(Taps(weights: [1, -1], origin: 0).realisedSigma == nil)
  #expect(Taps(weights: [0, 0], origin: 0).realisedSigma == nil)
}
