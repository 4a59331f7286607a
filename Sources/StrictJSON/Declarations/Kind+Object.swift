extension Kind {
  /// An object with a form of its own. Its default is the object without any key, that is, with every key's default.
  package static func object(_ form: Form, _ read: @escaping @Sendable (ObjectReader) -> Value?) -> Kind {
    Kind(
      expected: "an object", schema: form.schema,
      write: { _ in form.restate(JSONNode(.object([]), line: 0, column: 0), .none) },
      restate: { node, discretion in form.restate(node, discretion) },
      read: { node, path, issues in ObjectReader(node, at: path, form: form, issues).flatMap(read) })
  }
}
