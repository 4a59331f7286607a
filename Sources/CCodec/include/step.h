#ifndef CCODEC_STEP_H
#define CCODEC_STEP_H

#include <stddef.h>

/// How a step ended.
typedef enum __attribute__((enum_extensibility(closed))) {
  /// The input is used up or the output is full; go on.
  CCodecOutcomeMore,
  /// The stream (deflate) or frame (Zstandard) is complete.
  CCodecOutcomeEnd,
  /// The bytes are not what the format allows.
  CCodecOutcomeCorrupt,
  /// The checksum inside the format differs from that of the decoded bytes.
  CCodecOutcomeChecksum,
  /// The format asks for a larger window than was allowed.
  CCodecOutcomeWindow,
  /// There is no memory.
  CCodecOutcomeMemory,
} CCodecOutcome;

/// What one step of a codec did.
typedef struct {
  /// Bytes of the input that are done with; negative when bytes of earlier steps are given back.
  ptrdiff_t consumed;
  size_t produced;
  CCodecOutcome outcome;
} ccodec_step;

#endif
