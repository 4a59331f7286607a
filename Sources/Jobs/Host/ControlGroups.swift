/// The control groups that this process is in, from the root of the hierarchy down: each of them may limit it.
///
/// A service has a group of its own, with the limits of its unit; what lies at the root is the machine's or, in a
/// container, the container's.
package struct ControlGroups {
  /// Folders of the one hierarchy of version 2, and of the memory controller's in version 1.
  private let unified: [String]
  private let memoryOnly: [String]

  /// - Parameters:
  ///   - membership: the text of /proc/self/cgroup.
  ///   - mount: where the hierarchies are.
  package init(membership: String, mount: String) {
    var (unified, memoryOnly): ([String], [String]) = ([], [])
    for line in membership.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      if fields[1].isEmpty { unified += Self.folders(to: fields[2], from: mount) }
      if fields[1] == "memory" { memoryOnly += Self.folders(to: fields[2], from: "\(mount)/memory") }
    }
    self.unified = unified
    self.memoryOnly = memoryOnly
  }

  /// Those of this process, where they are mounted by default.
  static var current: ControlGroups {
    ControlGroups(membership: text("/proc/self/cgroup") ?? "", mount: "/sys/fs/cgroup")
  }

  /// Bytes of memory, or `nil` without a limit.
  package var memory: Int? {
    let files = unified.map { "\($0)/memory.max" } + memoryOnly.map { "\($0)/memory.limit_in_bytes" }
    return files.compactMap { Self.text($0)?.split(separator: "\n").first.flatMap { Int($0) } }.min()
  }

  /// Processors that may work at a time, from "quota period"; `nil` without a limit.
  package var processors: Double? {
    unified.compactMap { folder in
      let fields = Self.text("\(folder)/cpu.max")?.split { $0 == " " || $0 == "\n" }.compactMap { Double($0) } ?? []
      return fields.count == 2 && fields[1] > 0 ? fields[0] / fields[1] : nil
    }.min()
  }

  /// `/a/b` lies in the root, in `/a`, and is itself the third folder.
  private static func folders(to group: Substring, from root: String) -> [String] {
    group.split(separator: "/").reduce(into: [root]) { folders, name in
      folders.append("\(folders.last ?? root)/\(name)")
    }
  }

  private static func text(_ path: String) -> String? {
    SmallFile.read(path, limit: 1 << 16).map { String(decoding: $0, as: UTF8.self) }
  }
}
