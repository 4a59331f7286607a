/// A folder's path taken apart, to compare two of them without looking at the disk.
struct FolderName {
  private let isAbsolute: Bool
  /// `..` segments at the beginning.
  private var stepsUp = 0
  private var names: [Substring] = []

  init(_ path: String) {
    isAbsolute = path.hasPrefix("/")
    for segment in path.split(separator: "/") where segment != "." {
      if segment != ".." {
        names.append(segment)
      } else if names.isEmpty {
        stepsUp += isAbsolute ? 0 : 1
      } else {
        names.removeLast()
      }
    }
  }

  /// Whether this folder is the other one, or one above it. `false` also where only the disk could tell.
  func holds(_ other: FolderName) -> Bool {
    guard isAbsolute == other.isAbsolute else { return false }
    if stepsUp == other.stepsUp { return other.names.starts(with: names) }
    return stepsUp > other.stepsUp && names.isEmpty
  }
}
