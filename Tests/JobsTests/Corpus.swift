import Filters
import Glibc
import Jobs
import Testing

/// The jobs in `Corpus/`: good ones, and bad ones with the sentences that refuse them. `Config/check-schema.py` holds the
/// JSON Schema against the same files.
enum Corpus {
  struct Item: Sendable, CustomTestStringConvertible {
    let path: String
    var name: String { String(path.split(separator: "/").last ?? "") }
    var bytes: [UInt8] { SmallFile.read(path, limit: 1 << 20) ?? [] }
    /// The file with the expected sentences.
    var answerPath: String { path.replacing(".json", with: ".txt") }
    var testDescription: String { name }
  }

  static let good = items(in: "good")
  static let bad = items(in: "bad")

  static func decode(_ bytes: [UInt8], fileName: String) -> Result<JobSpec, JobRefusal> {
    Result { () throws(JobRefusal) in try JobSpec.decode(bytes, fileName: fileName, in: surroundings) }
  }

  /// Kernel files of the corpus lie beside its two folders.
  static let surroundings = FilterSurroundings { name throws(UnreadableFile) in
    try KernelContent.read("\(folder)/\(name)")
  }

  private static let folder = PackageFolder.tests + "/JobsTests/Corpus"

  private static func items(in name: String) -> [Item] {
    guard let stream = opendir("\(folder)/\(name)") else { return [] }
    defer { closedir(stream) }
    var paths: [String] = []
    while let entry = readdir(stream) {
      let file = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if file.hasSuffix(".json") { paths.append("\(folder)/\(name)/\(file)") }
    }
    return paths.sorted().map { Item(path: $0) }
  }
}

/// Files of the package that tests compare with.
enum PackageFolder {
  static let tests = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined()
  static let root = tests.split(separator: "/").dropLast().map { "/\($0)" }.joined()

  /// Set this variable to bring generated files and expected sentences up to date; then read the difference.
  static let rewrites = getenv("MEDFILTER_REWRITE") != nil

  /// The text of a file, or nothing. Brings the file up to date first when asked to.
  static func text(_ path: String, insteadOf update: String) -> String {
    if rewrites, let file = fopen(path, "w") {
      fputs(update, file)
      fclose(file)
    }
    return String(decoding: SmallFile.read(path, limit: 1 << 20) ?? [], as: UTF8.self)
  }
}
