/// A JSON document to be written; members keep their order.
package indirect enum JSONOutput: Sendable {
  case null
  case bool(Bool)
  case int(Int)
  /// The shortest text that reads back as the same Double; NaN and infinities become the strings "nan", "inf", "-inf".
  case double(Double)
  case string(String)
  case array([JSONOutput])
  case object([(String, JSONOutput)])
}
