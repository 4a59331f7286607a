import SeededNumbers

/// Changes known inputs at random: the poor relation of libFuzzer, for machines and minutes without it.
struct Mutator {
  private let seeds: [[UInt8]]
  private var numbers: SeededNumbers
  private static let longest = 1 << 16

  init(seeds: [[UInt8]], seed: UInt64) {
    self.seeds = seeds
    numbers = SeededNumbers(seed: seed)
  }

  mutating func next() -> [UInt8] {
    var bytes = seeds[below(seeds.count)]
    for _ in 0...below(8) { change(&bytes) }
    return bytes.count > Self.longest ? Array(bytes.prefix(Self.longest)) : bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return bytes.append(UInt8(below(256))) }
    let place = below(bytes.count)
    switch below(8) {
    case 0: bytes[place] ^= 1 << UInt8(below(8))
    case 1: bytes[place] = UInt8(below(256))
    case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(16)))
    case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + below(64))], at: below(bytes.count))
    case 4: bytes.removeSubrange(place...)
    case 5: splice(into: &bytes, at: place)
    default: number(into: &bytes, at: place)
    }
  }

  private mutating func splice(into bytes: inout [UInt8], at place: Int) {
    let other = seeds[below(seeds.count)]
    bytes.replaceSubrange(place..., with: other.dropFirst(below(other.count + 1)))
  }

  /// Numbers at the ends of their ranges, of any width and order, where sizes and counts may stand.
  private mutating func number(into bytes: inout [UInt8], at place: Int) {
    let values: [Int] = [
      0, 1, -1, 7, 8, 16, 127, 128, 255, 32767, 32768, 65535, 1 << 31 - 1, 1 << 31, 1 << 32, .max, .min,
    ]
    let width = [1, 2, 4, 8][below(4)]
    let number = withUnsafeBytes(of: values[below(values.count)].littleEndian) { Array($0.prefix(width)) }
    for (offset, byte) in (below(2) == 0 ? number : number.reversed()).enumerated() where place + offset < bytes.count {
      bytes[place + offset] = byte
    }
  }

  private mutating func below(_ count: Int) -> Int { Int(numbers.next() % UInt64(max(count, 1))) }
}
