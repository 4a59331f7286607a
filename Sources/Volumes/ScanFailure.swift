/// Why one scan was refused. The raw values are the names that the log, the summary and `explain` use.
package enum FailureClass: String, CaseIterable, Sendable {
  case headerSize = "E_HDR_SIZE"
  case headerMagic = "E_HDR_MAGIC"
  case headerEndian = "E_HDR_ENDIAN"
  case headerLineEnds = "E_HDR_EOL"
  case headerDim = "E_HDR_DIM"
  case headerOverflow = "E_HDR_OVERFLOW"
  case headerOffset = "E_HDR_OFFSET"
  case headerType = "E_HDR_DTYPE"
  case headerBitpix = "E_HDR_BITPIX"
  case headerScale = "E_HDR_SCALE"
  case headerSpacing = "E_HDR_PIXDIM"
  case headerTransform = "E_HDR_XFORM"
  case headerExtension = "E_HDR_EXT"
  case unsupportedType = "E_UNSUPPORTED_DTYPE"
  case unknownFormat = "E_FMT_UNKNOWN"
  case notAVolume = "E_FMT_NOVOLUME"
  case analyzeFormat = "E_FMT_ANALYZE"
  case formatMismatch = "E_FMT_MISMATCH"
  case emptyFile = "E_IN_EMPTY"
  case cannotOpen = "E_IN_OPEN"
  case notPermitted = "E_IN_PERM"
  case notAFile = "E_IN_TYPE"
  case symbolicLink = "E_IN_SYMLINK"
  case readError = "E_IN_IO"
  case withdrawn = "E_IN_WITHDRAWN"
  case changedWhileRead = "E_IN_CHANGED"
  case pairMissing = "E_PAIR_MISSING"
  case pairAmbiguous = "E_PAIR_AMBIGUOUS"
  case truncated = "E_TRUNCATED"
  case trailingBytes = "E_TRAILING"
  case gzipTruncated = "E_GZ_TRUNCATED"
  case gzipChecksum = "E_GZ_CRC"
  case gzipSize = "E_GZ_SIZE"
  case gzipFormat = "E_GZ_FORMAT"
  case zstdTruncated = "E_ZST_TRUNCATED"
  case zstdChecksum = "E_ZST_CHECKSUM"
  case zstdWindow = "E_ZST_WINDOW"
  case zstdDictionary = "E_ZST_DICT"
  case zstdFormat = "E_ZST_FORMAT"
  case limit = "E_LIMIT"
  case memoryLimit = "E_LIMIT_MEM"
  case precision = "E_PRECISION"
  case nonFinite = "E_NONFINITE"
  case gridMismatch = "E_GRID_MISMATCH"
  case kernelUnfit = "E_KERNEL"
  case outputExists = "E_OUT_EXISTS"
  case outputClash = "E_OUT_CLASH"
  case outputIsInput = "E_OUT_INPUT"
  case outputEscapes = "E_OUT_ESCAPE"
  case outputNotPermitted = "E_OUT_PERM"
  case noSpace = "E_OUT_NOSPC"
  case readOnlyDisk = "E_OUT_ROFS"
  case writeError = "E_OUT_IO"
  case readBackDiffers = "E_OUT_READBACK"
  case libraryDisagrees = "E_INTERNAL_DISAGREE"
}

/// Where in a scan's way the failure was found.
package enum Phase: String, Sendable {
  case plan, open, header, read, filter, write, publish
}

/// One scan cannot be processed: facts, from which `description` makes the sentence.
///
/// Facts never hold header text or file names, because they go into logs that others read.
package struct ScanFailure: Error, Equatable, Sendable {
  package let failureClass: FailureClass
  package var phase: Phase
  /// What was looked at: `dim[3]`, `gzip checksum`.
  package let subject: String
  package let expected: String
  package let found: String
  /// What the reader of the message can do, if there is something.
  package let advice: String?

  package init(
    _ failureClass: FailureClass, _ phase: Phase, _ subject: String, expected: String, found: String,
    advice: String? = nil
  ) {
    self.failureClass = failureClass
    self.phase = phase
    self.subject = subject
    self.expected = expected
    self.found = found
    self.advice = advice
  }
}

extension ScanFailure: CustomStringConvertible {
  package var description: String { FailureSentence(failure: self).text }
}

/// Something odd that did not stop the scan; printed, counted and recorded.
package struct Finding: Hashable, Sendable {
  /// A stable name: `qform-code-unknown`.
  package let code: String
  /// Numbers and field names only, never header text.
  package let detail: String

  package init(_ code: String, _ detail: String) {
    self.code = code
    self.detail = detail
  }
}
