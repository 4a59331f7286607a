// Voxels as a file stores them, to and from the numbers they are computed in.

#ifndef CHOTLOOPS_CONVERSION_H
#define CHOTLOOPS_CONVERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How a voxel is stored: the ten real types of NIfTI.
typedef enum chotloops_stored_type {
  chotloops_uint8,
  chotloops_int8,
  chotloops_uint16,
  chotloops_int16,
  chotloops_uint32,
  chotloops_int32,
  chotloops_uint64,
  chotloops_int64,
  chotloops_float32,
  chotloops_float64,
} chotloops_stored_type;

/// What decoding saw.
typedef struct chotloops_decoded {
  uint32_t non_finite;        ///< Voxels that are NaN or infinite after scaling.
  uint32_t stored_non_finite; ///< Those of them that were so in the file.
  uint32_t beyond_precision;  ///< 64-bit integers beyond ±2^53, which Double rounds.
} chotloops_decoded;

/// What encoding saw.
typedef struct chotloops_encoded {
  uint32_t clipped;    ///< Values outside the type's range, infinities included, set to its nearest end.
  uint32_t non_finite; ///< NaN and infinite values before encoding; an integer type stores NaN as 0.
} chotloops_encoded;

/// The loops of one instruction set for one scalar. `raw` needs no alignment, and lies apart from the voxels.
typedef struct chotloops_conversion {
  /// voxels[n] = stored[n] · slope + intercept, product and sum each rounded in double, then rounded once to the voxel.
  ///
  /// An intercept of 0 adds nothing, so that −0 stays −0. `swapped`: the file's byte order is not the machine's.
  chotloops_decoded (*_Nonnull decode)(
      chotloops_stored_type type, bool swapped, double slope, double intercept, const void *_Nullable raw,
      void *_Nonnull voxels, uint32_t count);

  /// stored[n] = (voxels[n] − intercept) / slope in double; for integers rounded half to even; clipped to the type's
  /// range.
  ///
  /// Little-endian. A finite value never becomes an infinite one: float32 clips at its largest number too.
  chotloops_encoded (*_Nonnull encode)(
      chotloops_stored_type type, double slope, double intercept, const void *_Nonnull voxels, void *_Nullable raw,
      uint32_t count);
} chotloops_conversion;

#endif
