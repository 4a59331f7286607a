// Voxels as files store them, to and from a scalar: ten types × two byte orders, from one loop to decode and three to
// encode. Included by variant.h; the compiler gives the loops their types and vectorises them.
//
// They only multiply, add, divide and compare, each rounded by itself, and so give the same bits with every instruction
// set. What they see is counted in 32 bits: wider counters would take more instructions than the conversion.

// ---- decoding

#define DEFINE_DECODE(NAME, STORED, WIDTH, IS_EXACT)                                                                   \
  BODY chotloops_decoded LOCAL(decode_##NAME)(                                                                         \
      bool swapped, double slope, double intercept, const unsigned char *restrict raw, SCALAR *restrict voxels,        \
      uint32_t count) {                                                                                                \
    chotloops_decoded seen = {0, 0, 0};                                                                                \
    for (size_t n = 0; n < count; ++n) {                                                                               \
      uint##WIDTH##_t bits;                                                                                            \
      memcpy(&bits, raw + n * sizeof bits, sizeof bits);                                                               \
      if (swapped) bits = reversed_##WIDTH(bits);                                                                      \
      STORED stored;                                                                                                   \
      memcpy(&stored, &bits, sizeof stored);                                                                           \
      voxels[n] = (SCALAR)((double)stored * slope + intercept);                                                        \
      seen.non_finite += !__builtin_isfinite(voxels[n]);                                                               \
      seen.stored_non_finite += !__builtin_isfinite((double)stored);                                                   \
      seen.beyond_precision += !IS_EXACT(stored);                                                                      \
    }                                                                                                                  \
    return seen;                                                                                                       \
  }

FOR_EACH_TYPE(DEFINE_DECODE)

// Scans without scaling get a loop of their own, from which the compiler removes `· 1 + −0`. Adding −0, never +0, keeps
// the sign of a zero voxel.
#define DECODE_CASE(NAME, STORED, WIDTH, IS_EXACT)                                                                     \
  case chotloops_##NAME:                                                                                               \
    if (slope != 1 || intercept != 0)                                                                                  \
      return swapped ? LOCAL(decode_##NAME)(true, slope, intercept, raw, voxels, count)                                \
                     : LOCAL(decode_##NAME)(false, slope, intercept, raw, voxels, count);                              \
    return swapped ? LOCAL(decode_##NAME)(true, 1, -0.0, raw, voxels, count)                                           \
                   : LOCAL(decode_##NAME)(false, 1, -0.0, raw, voxels, count);

static chotloops_decoded LOCAL(decode)(
    chotloops_stored_type type, bool swapped, double slope, double intercept, const void *raw, void *voxels,
    uint32_t count) {
  if (intercept == 0) intercept = -0.0;
  switch (type) { FOR_EACH_TYPE(DECODE_CASE) }
  return (chotloops_decoded){0, 0, 0};
}

// ---- encoding

// The lowest number of these types is even and the highest odd: half below the lowest rounds into the range, half above
// the highest out of it. NUMBER is what holds both ends and their halves, and the quotient if there is scaling.
#define DEFINE_ENCODE_NARROW(NAME, STORED, LOWEST, HIGHEST, NUMBER)                                                    \
  BODY chotloops_encoded LOCAL(encode_##NAME)(                                                                         \
      double slope, double intercept, const SCALAR *restrict voxels, unsigned char *restrict raw, uint32_t count) {    \
    chotloops_encoded seen = {0, 0};                                                                                   \
    for (size_t n = 0; n < count; ++n) {                                                                               \
      const NUMBER value = (voxels[n] - (NUMBER)intercept) / (NUMBER)slope;                                            \
      seen.clipped += (value < LOWEST - (NUMBER)0.5) | (value >= HIGHEST + (NUMBER)0.5);                               \
      seen.non_finite += !__builtin_isfinite(voxels[n]);                                                               \
      NUMBER inside = value < LOWEST ? LOWEST : value;                                                                 \
      inside = inside > HIGHEST ? HIGHEST : inside;                                                                    \
      inside = inside == inside ? inside : 0;                                                                          \
      const STORED stored = (STORED)JOIN(integer_bits, NUMBER)(inside);                                                \
      memcpy(raw + n * sizeof stored, &stored, sizeof stored);                                                         \
    }                                                                                                                  \
    return seen;                                                                                                       \
  }

// END is the first power of two above the type's range; the range's own end is no double.
#define DEFINE_ENCODE_WIDE(NAME, STORED, LOWEST, HIGHEST, END)                                                         \
  BODY chotloops_encoded LOCAL(encode_##NAME)(                                                                         \
      double slope, double intercept, const SCALAR *restrict voxels, unsigned char *restrict raw, uint32_t count) {    \
    chotloops_encoded seen = {0, 0};                                                                                   \
    for (size_t n = 0; n < count; ++n) {                                                                               \
      const double whole = rounded((voxels[n] - intercept) / slope);                                                   \
      const bool below = whole < (double)LOWEST, above = whole >= END;                                                 \
      const bool inside = whole >= (double)LOWEST && whole < END;                                                      \
      seen.clipped += below | above;                                                                                   \
      seen.non_finite += !__builtin_isfinite(voxels[n]);                                                               \
      const STORED stored = inside ? (STORED)whole : below ? LOWEST : above ? HIGHEST : 0;                             \
      memcpy(raw + n * sizeof stored, &stored, sizeof stored);                                                         \
    }                                                                                                                  \
    return seen;                                                                                                       \
  }

#define DEFINE_ENCODE_FLOATING(NAME, STORED, LARGEST)                                                                  \
  BODY chotloops_encoded LOCAL(encode_##NAME)(                                                                         \
      double slope, double intercept, const SCALAR *restrict voxels, unsigned char *restrict raw, uint32_t count) {    \
    chotloops_encoded seen = {0, 0};                                                                                   \
    for (size_t n = 0; n < count; ++n) {                                                                               \
      const double voxel = voxels[n], value = (voxel - intercept) / slope;                                             \
      STORED stored = (STORED)value;                                                                                   \
      const bool overflowed = !__builtin_isfinite(stored) && __builtin_isfinite(voxel);                                \
      stored = overflowed ? (value < 0 ? -LARGEST : LARGEST) : stored;                                                 \
      seen.clipped += overflowed;                                                                                      \
      seen.non_finite += !__builtin_isfinite(voxel);                                                                   \
      memcpy(raw + n * sizeof stored, &stored, sizeof stored);                                                         \
    }                                                                                                                  \
    return seen;                                                                                                       \
  }

DEFINE_ENCODE_NARROW(uint8, uint8_t, 0, UINT8_MAX, double)
DEFINE_ENCODE_NARROW(int8, int8_t, INT8_MIN, INT8_MAX, double)
DEFINE_ENCODE_NARROW(uint16, uint16_t, 0, UINT16_MAX, double)
DEFINE_ENCODE_NARROW(int16, int16_t, INT16_MIN, INT16_MAX, double)
DEFINE_ENCODE_NARROW(uint32, uint32_t, 0, UINT32_MAX, double)
DEFINE_ENCODE_NARROW(int32, int32_t, INT32_MIN, INT32_MAX, double)
DEFINE_ENCODE_WIDE(uint64, uint64_t, 0, UINT64_MAX, 0x1p64)
DEFINE_ENCODE_WIDE(int64, int64_t, INT64_MIN, INT64_MAX, 0x1p63)
DEFINE_ENCODE_FLOATING(float32, float, FLT_MAX)
DEFINE_ENCODE_FLOATING(float64, double, DBL_MAX)

// What is not scaled is the voxel itself, and its own scalar holds what a small type needs: of floats twice as many are in
// a vector.
DEFINE_ENCODE_NARROW(unscaled_uint8, uint8_t, 0, UINT8_MAX, SCALAR)
DEFINE_ENCODE_NARROW(unscaled_int8, int8_t, INT8_MIN, INT8_MAX, SCALAR)
DEFINE_ENCODE_NARROW(unscaled_uint16, uint16_t, 0, UINT16_MAX, SCALAR)
DEFINE_ENCODE_NARROW(unscaled_int16, int16_t, INT16_MIN, INT16_MAX, SCALAR)

#define ENCODE_CASE(NAME, UNSCALED)                                                                                    \
  case chotloops_##NAME:                                                                                               \
    return slope != 1 || intercept != 0 ? LOCAL(encode_##NAME)(slope, intercept, voxels, raw, count)                   \
                                        : LOCAL(encode_##UNSCALED)(1, 0, voxels, raw, count);
#define ENCODE_SMALL_CASE(NAME, STORED, WIDTH, IS_EXACT) ENCODE_CASE(NAME, unscaled_##NAME)
#define ENCODE_LARGE_CASE(NAME, STORED, WIDTH, IS_EXACT) ENCODE_CASE(NAME, NAME)

static chotloops_encoded LOCAL(encode)(
    chotloops_stored_type type, double slope, double intercept, const void *voxels, void *raw, uint32_t count) {
  switch (type) { FOR_EACH_SMALL_TYPE(ENCODE_SMALL_CASE) FOR_EACH_LARGE_TYPE(ENCODE_LARGE_CASE) }
  return (chotloops_encoded){0, 0};
}
