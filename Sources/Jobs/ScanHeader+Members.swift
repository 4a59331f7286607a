import StrictJSON
import VolumeIO
import Volumes

extension ScanHeader {
  /// `facts` for programs, under the same names: numbers as numbers, lists as arrays.
  var members: [(String, JSONOutput)] {
    let numbers = numbers
    return facts.map { name, text in (name, numbers[name] ?? .string(text)) } + [
      ("slope", .double(scaling.slope)), ("intercept", .double(scaling.intercept)),
    ]
  }

  private var numbers: [String: JSONOutput] {
    [
      "dims": .array(dims.map { .int($0) }),
      "spacing_mm": .array(spacing.array.map { .double($0) }),
      "affine": .array(affine.rows.map { row in .array(row.map { .double($0) }) }),
      "qform_code": .int(qformCode), "sform_code": .int(sformCode), "voxel_offset": .int(voxelOffset),
      "extensions": .array(
        extensions.map { .object([("code", .int(Int($0.code))), ("bytes", .int($0.bytes))]) }),
    ]
  }
}
