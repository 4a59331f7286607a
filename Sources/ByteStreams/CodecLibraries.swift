import CCodec

/// The libraries that compress and hash.
package enum CodecLibraries {
  /// As loaded, except ISA-L's: that one can only say what it was compiled as.
  package static var versions: [(name: String, version: String)] {
    [
      ("zlib", String(cString: ccodec_zlib_version())), ("isa-l", String(cString: ccodec_isal_version())),
      ("zstd", String(cString: ccodec_zstd_version())), ("libcrypto", String(cString: ccodec_crypto_version())),
    ]
  }
}
