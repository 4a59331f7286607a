import ByteStreams
import Parallel
import SeededNumbers

/// Compresses `bytes`, handing them over in pieces of the given sizes, again and again; the rest in one.
func encode(
  _ bytes: [UInt8], _ compression: Compression, level: Int = 1, workers: Int = 2, pieces: [Int] = [], size: Int? = nil
) throws -> [UInt8] {
  let below = BytesSink()
  let sink = try compression.sink(
    into: below, level: level, workers: Workers(count: workers), size: size ?? bytes.count)
  var rest = bytes[...]
  for piece in pieces {
    try sink.write(Array(rest.prefix(piece)))
    rest = rest.dropFirst(piece)
  }
  try sink.write(Array(rest))
  try sink.finish()
  return below.bytes
}

/// Sizes between 0 and `most` that add up to at least `total`.
func randomPieces(total: Int, most: Int, seed: UInt64) -> [Int] {
  var numbers = SeededNumbers(seed: seed)
  var pieces: [Int] = []
  var sum = 0
  while sum < total {
    pieces.append(Int.random(in: 0...most, using: &numbers))
    sum += pieces[pieces.count - 1]
  }
  return pieces
}
