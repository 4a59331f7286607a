import Filters
import Jobs
import StrictJSON

/// The tables of keys in `JobFile.md`, made from the declarations. The prose around them is written by hand.
enum ReferencePage {
  static let path = PackageFolder.root + "/Sources/MedFilter/Documentation.docc/JobFile.md"

  /// Each table's name and rows. What all linear filters share has a table of its own.
  static var tables: [(name: String, form: Form)] {
    let shared = Set(LinearOptions.keys.map(\.name))
    let filters = FilterCatalogue.all.map { filter in
      let isLinear = shared.isSubset(of: filter.form.keys.map(\.name))
      let own = filter.form.keys.filter { $0.name != "filter" && !(isLinear && shared.contains($0.name)) }
      return (name: filter.name, form: Form(keys: own, rules: filter.form.rules))
    }
    return JobSpec.sections + [(name: "linear", form: Form(keys: LinearOptions.keys))] + filters
  }

  /// The page with every table brought up to date.
  static func updated(_ page: String) -> String {
    tables.reduce(page) { page, table in
      let opening = "<!-- keys: \(table.name) -->\n"
      guard let start = page.firstRange(of: opening), let end = page[start.upperBound...].firstRange(of: "<!-- end -->")
      else { return page }
      return page[..<start.upperBound] + text(table) + page[end.lowerBound...]
    }
  }

  private static func text(_ table: (name: String, form: Form)) -> String {
    let summary = FilterCatalogue.all.first { $0.name == table.name }.map { "\n\($0.summary)\n" } ?? ""
    let rows = table.form.keys.map { key in
      "| `\(key.name)` | \(code(key.expected)) | \(defaultText(key)) | \(key.summary) |\n"
    }
    let rules = table.form.rules.compactMap(sentence)
    return summary + "\n| Key | Value | Default | Meaning |\n|---|---|---|---|\n" + rows.joined()
      + (rules.isEmpty ? "" : "\n\(rules.joined(separator: " "))\n") + "\n"
  }

  private static func defaultText(_ key: KeyDeclaration) -> String {
    if key.isRequired { return "required" }
    guard let value = key.defaultValue else { return "none" }
    if case .object = value { return "all defaults" }
    if case .double(let number) = value { return "`\(number.words)`" }
    return "`\(value.encoded())`"
  }

  /// Words in quotes are what the job file holds: they look like it.
  private static func code(_ text: String) -> String {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated().map { index, part in
      index.isMultiple(of: 2) ? String(part) : "`\"\(part)\"`"
    }.joined()
  }

  private static func sentence(_ rule: Rule) -> String? {
    let list = { (names: [String], conjunction: String) in
      let words = names.map { "`\($0)`" }
      return words.dropLast().joined(separator: ", ") + " \(conjunction) " + (words.last ?? "")
    }
    return switch rule {
    case .exactlyOne(let names): "Exactly one of \(list(names, "and")) is required."
    case .atLeastOne(let names): "At least one of \(list(names, "and")) is required."
    case .excludes(let one, let other): "`\(one)` and `\(other)` exclude each other."
    case .needs, .onlyWith, .bounded: nil
    }
  }
}
