// Ten stored types × two byte orders × two scalars, from one loop to decode and three to encode.
//
// Each loop is an always-inline body that the preprocessor gives its types; the compiler vectorises it for the baseline
// instruction set. There are no variants per instruction set: the loops only multiply, add, divide and compare, which
// round alike everywhere, and a run takes no longer without (`Decisions/Pipeline.md`).

#include "conversion.h"

#include <float.h>
#include <string.h>

// A fused multiply-add would round once where two roundings are promised.
#pragma STDC FP_CONTRACT OFF

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "raw bytes are written in the machine's order");
_Static_assert(FLT_EVAL_METHOD == 0, "double arithmetic must round to double");

#define BODY static inline __attribute__((always_inline))

static inline uint8_t reversed_8(uint8_t bits) { return bits; }
static inline uint16_t reversed_16(uint16_t bits) { return __builtin_bswap16(bits); }
static inline uint32_t reversed_32(uint32_t bits) { return __builtin_bswap32(bits); }
static inline uint64_t reversed_64(uint64_t bits) { return __builtin_bswap64(bits); }

// A finite number less itself is 0; NaN and the infinities give NaN.
static inline bool is_finite(double x) { return x - x == 0; }

// ---- decoding

// Above 2^53 neighbouring integers share a double.
static inline bool is_exact_uint64(uint64_t stored) { return stored <= UINT64_C(1) << 53; }
static inline bool is_exact_int64(int64_t stored) {
  return stored >= -(INT64_C(1) << 53) && stored <= INT64_C(1) << 53;
}
#define ALWAYS_EXACT(stored) true

#define DEFINE_DECODE(NAME, STORED, WIDTH, IS_EXACT, SCALAR)                                                           \
  BODY chotloops_decoded NAME##_to_##SCALAR(                                                                           \
      bool swapped, double slope, double intercept, const unsigned char *raw, SCALAR *voxels, size_t count) {          \
    chotloops_decoded seen = {0, 0, 0};                                                                                \
    for (size_t n = 0; n < count; ++n) {                                                                               \
      uint##WIDTH##_t bits;                                                                                            \
      memcpy(&bits, raw + n * sizeof bits, sizeof bits);                                                               \
      if (swapped) bits = reversed_##WIDTH(bits);                                                                      \
      STORED stored;                                                                                                   \
      memcpy(&stored, &bits, sizeof stored);                                                                           \
      const double value = (double)stored * slope + intercept;                                                         \
      voxels[n] = (SCALAR)value;                                                                                       \
      seen.non_finite += !is_finite(voxels[n]);                                                                        \
      seen.stored_non_finite += !is_finite((double)stored);                                                            \
      seen.beyond_precision += !IS_EXACT(stored);                                                                      \
    }                                                                                                                  \
    return seen;                                                                                                       \
  }

#define FOR_EACH_TYPE(DO, SCALAR)                                                                                      \
  DO(uint8, uint8_t, 8, ALWAYS_EXACT, SCALAR)                                                                          \
  DO(int8, int8_t, 8, ALWAYS_EXACT, SCALAR)                                                                            \
  DO(uint16, uint16_t, 16, ALWAYS_EXACT, SCALAR)                                                                       \
  DO(int16, int16_t, 16, ALWAYS_EXACT, SCALAR)                                                                         \
  DO(uint32, uint32_t, 32, ALWAYS_EXACT, SCALAR)                                                                       \
  DO(int32, int32_t, 32, ALWAYS_EXACT, SCALAR)                                                                         \
  DO(uint64, uint64_t, 64, is_exact_uint64, SCALAR)                                                                    \
  DO(int64, int64_t, 64, is_exact_int64, SCALAR)                                                                       \
  DO(float32, float, 32, ALWAYS_EXACT, SCALAR)                                                                         \
  DO(float64, double, 64, ALWAYS_EXACT, SCALAR)

FOR_EACH_TYPE(DEFINE_DECODE, float)
FOR_EACH_TYPE(DEFINE_DECODE, double)

// Scans without scaling get a loop of their own, from which the compiler removes `· 1 + −0`. Adding −0, never +0, keeps
// the sign of a zero voxel.
#define DECODE_CASE(NAME, STORED, WIDTH, IS_EXACT, SCALAR)                                                             \
  case chotloops_##NAME:                                                                                               \
    if (slope != 1 || intercept != 0)                                                                                  \
      return swapped ? NAME##_to_##SCALAR(true, slope, intercept, raw, voxels, count)                                  \
                     : NAME##_to_##SCALAR(false, slope, intercept, raw, voxels, count);                                \
    return swapped ? NAME##_to_##SCALAR(true, 1, -0.0, raw, voxels, count)                                             \
                   : NAME##_to_##SCALAR(false, 1, -0.0, raw, voxels, count);

#define DEFINE_DECODE_ENTRY(SCALAR)                                                                                    \
  chotloops_decoded chotloops_decode_##SCALAR(                                                                         \
      chotloops_stored_type type, bool swapped, double slope, double intercept, const void *raw, SCALAR *voxels,       \
      size_t count) {                                                                                                  \
    if (intercept == 0) intercept = -0.0;                                                                              \
    switch (type) { FOR_EACH_TYPE(DECODE_CASE, SCALAR) }                                                               \
    return (chotloops_decoded){0, 0, 0};                                                                               \
  }
DEFINE_DECODE_ENTRY(float)
DEFINE_DECODE_ENTRY(double)

// ---- encoding

// Adding 1.5 · 2^52 leaves no room for a fraction: the sum is rounded half to even, and its lowest 32 bits are the
// integer's, in two's complement, for every |x| < 2^51. It needs no rounding instruction, which the baseline lacks.
static const double rounder = 0x1.8p52;

BODY uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

#define DEFINE_ENCODE_NARROW(NAME, STORED, LOWEST, HIGHEST, SCALAR)                                                    \
  BODY chotloops_encoded SCALAR##_to_##NAME(                                                                           \
      double slope, double intercept, const SCALAR *voxels, unsigned char *raw, size_t count) {                        \
    chotloops_encoded seen = {0, 0};                                                                                   \
    for (size_t n = 0; n < count; ++n) {                                                                               \
      const double value = (voxels[n] - intercept) / slope;                                                            \
      double whole = (value + rounder) - rounder;                                                                      \
      seen.clipped += (whole < LOWEST) | (whole > HIGHEST);                                                            \
      seen.non_finite += !is_finite(voxels[n]);                                                                        \
      whole = whole < LOWEST ? LOWEST : whole;                                                                         \
      whole = whole > HIGHEST ? HIGHEST : whole;                                                                       \
      whole = whole == whole ? whole : 0;                                                                              \
      const STORED stored = (STORED)bits_of(whole + rounder);                                                          \
      memcpy(raw + n * sizeof stored, &stored, sizeof stored);                                                         \
    }                                                                                                                  \
    return seen;                                                                                                       \
  }

// Half to even for any size of number: from 2^52 on every double is an integer already.
BODY double rounded(double x) {
  const double size = __builtin_fabs(x);
  const double whole = size < 0x1p52 ? (size + 0x1p52) - 0x1p52 : size;
  return __builtin_copysign(whole, x);
}

// END is the first power of two above the type's range; the range's own end is no double.
#define DEFINE_ENCODE_WIDE(NAME, STORED, LOWEST, HIGHEST, END, SCALAR)                                                 \
  BODY chotloops_encoded SCALAR##_to_##NAME(                                                                           \
      double slope, double intercept, const SCALAR *voxels, unsigned char *raw, size_t count) {                        \
    chotloops_encoded seen = {0, 0};                                                                                   \
    for (size_t n = 0; n < count; ++n) {                                                                               \
      const double whole = rounded((voxels[n] - intercept) / slope);                                                   \
      const bool below = whole < (double)LOWEST, above = whole >= END;                                                 \
      const bool inside = whole >= (double)LOWEST && whole < END;                                                      \
      seen.clipped += below | above;                                                                                   \
      seen.non_finite += !is_finite(voxels[n]);                                                                        \
      const STORED stored = inside ? (STORED)whole : below ? LOWEST : above ? HIGHEST : 0;                             \
      memcpy(raw + n * sizeof stored, &stored, sizeof stored);                                                         \
    }                                                                                                                  \
    return seen;                                                                                                       \
  }

#define DEFINE_ENCODE_FLOATING(NAME, STORED, LARGEST, SCALAR)                                                          \
  BODY chotloops_encoded SCALAR##_to_##NAME(                                                                           \
      double slope, double intercept, const SCALAR *voxels, unsigned char *raw, size_t count) {                        \
    chotloops_encoded seen = {0, 0};                                                                                   \
    for (size_t n = 0; n < count; ++n) {                                                                               \
      const double value = (voxels[n] - intercept) / slope;                                                            \
      STORED stored = (STORED)value;                                                                                   \
      const bool overflowed = !is_finite(stored) & is_finite(voxels[n]);                                               \
      stored = overflowed ? (value < 0 ? -LARGEST : LARGEST) : stored;                                                 \
      seen.clipped += overflowed;                                                                                      \
      seen.non_finite += !is_finite(voxels[n]);                                                                        \
      memcpy(raw + n * sizeof stored, &stored, sizeof stored);                                                         \
    }                                                                                                                  \
    return seen;                                                                                                       \
  }

#define DEFINE_ENCODE(SCALAR)                                                                                          \
  DEFINE_ENCODE_NARROW(uint8, uint8_t, 0, UINT8_MAX, SCALAR)                                                           \
  DEFINE_ENCODE_NARROW(int8, int8_t, INT8_MIN, INT8_MAX, SCALAR)                                                       \
  DEFINE_ENCODE_NARROW(uint16, uint16_t, 0, UINT16_MAX, SCALAR)                                                        \
  DEFINE_ENCODE_NARROW(int16, int16_t, INT16_MIN, INT16_MAX, SCALAR)                                                   \
  DEFINE_ENCODE_NARROW(uint32, uint32_t, 0, UINT32_MAX, SCALAR)                                                        \
  DEFINE_ENCODE_NARROW(int32, int32_t, INT32_MIN, INT32_MAX, SCALAR)                                                   \
  DEFINE_ENCODE_WIDE(uint64, uint64_t, 0, UINT64_MAX, 0x1p64, SCALAR)                                                  \
  DEFINE_ENCODE_WIDE(int64, int64_t, INT64_MIN, INT64_MAX, 0x1p63, SCALAR)                                             \
  DEFINE_ENCODE_FLOATING(float32, float, FLT_MAX, SCALAR)                                                              \
  DEFINE_ENCODE_FLOATING(float64, double, DBL_MAX, SCALAR)
DEFINE_ENCODE(float)
DEFINE_ENCODE(double)

#define ENCODE_CASE(NAME, STORED, WIDTH, IS_EXACT, SCALAR)                                                             \
  case chotloops_##NAME:                                                                                               \
    return slope != 1 || intercept != 0 ? SCALAR##_to_##NAME(slope, intercept, voxels, raw, count)                     \
                                        : SCALAR##_to_##NAME(1, 0, voxels, raw, count);

#define DEFINE_ENCODE_ENTRY(SCALAR)                                                                                    \
  chotloops_encoded chotloops_encode_##SCALAR(                                                                         \
      chotloops_stored_type type, double slope, double intercept, const SCALAR *voxels, void *raw, size_t count) {     \
    switch (type) { FOR_EACH_TYPE(ENCODE_CASE, SCALAR) }                                                               \
    return (chotloops_encoded){0, 0};                                                                                  \
  }
DEFINE_ENCODE_ENTRY(float)
DEFINE_ENCODE_ENTRY(double)
