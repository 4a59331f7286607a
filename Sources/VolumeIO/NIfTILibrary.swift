import CNIfTI

/// The library that has the second say on headers.
package enum NIfTILibrary {
  /// By the file that was loaded: libnifti cannot be asked.
  package static var versions: [(name: String, version: String)] {
    var name = [CChar](repeating: 0, count: 256)
    cnifti_library_file(&name, name.count)
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return [("libnifti", String(decoding: bytes, as: UTF8.self))]
  }
}
