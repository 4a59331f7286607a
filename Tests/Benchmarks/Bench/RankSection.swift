import Filtering
import Volumes

/// Rank filters of boxes and balls.
func rankSection(_ bench: Workbench) throws -> String {
  var table = Table("rank filter") {
    bench.threads.flatMap { ["\($0.asThreads), ms", "ns a voxel and thread"] }
  }
  for (name, neighbourhood, rank) in try rankFilters() {
    var row = [name]
    for threads in bench.threads {
      let step = RankOperation(filter: "test", neighbourhood: neighbourhood, rank: rank, boundary: .reflect)
      let seconds = try bench.time(step, threads: threads)
      let each = seconds.least * 1e9 * Double(threads) / Double(bench.shape.count)
      row += [seconds.milliseconds, each.rounded(to: 2)]
    }
    table.add(row)
  }
  return "## Rank filters\n\n" + table.text
}

private func rankFilters() throws -> [(String, RankNeighbourhood, Rank)] {
  func cube(_ size: Int) throws -> RankNeighbourhood {
    guard let box = RankNeighbourhood(box: size, size, size) else { throw OutOfMemory(bytes: .max) }
    return box
  }
  func ball(_ radius: Double) throws -> RankNeighbourhood {
    guard let ball = RankNeighbourhood(ballOf: radius, spacing: PerAxis(all: 1)) else {
      throw OutOfMemory(bytes: .max)
    }
    return ball
  }
  let medians = try [3, 5, 7].map { ("median \($0)×\($0)×\($0)", try cube($0), Rank.median) }
  let balls = try [2.0, 3, 4].map { ("median, ball of radius \(Int($0))", try ball($0), Rank.median) }
  let minima = try [3, 7].map { ("minimum \($0)×\($0)×\($0)", try cube($0), Rank.minimum) }
  return medians + balls + minima
}
