#ifndef CHOTLOOPS_STORED_TYPES_H
#define CHOTLOOPS_STORED_TYPES_H

// What the conversions know of the ten stored types, whatever voxels are computed in.

#include "conversion.h"

#include <float.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "raw bytes are written in the machine's order");
_Static_assert(FLT_EVAL_METHOD == 0, "float and double arithmetic must round to float and double");

#define BODY static inline __attribute__((always_inline))

BODY uint8_t reversed_8(uint8_t bits) { return bits; }
BODY uint16_t reversed_16(uint16_t bits) { return __builtin_bswap16(bits); }
BODY uint32_t reversed_32(uint32_t bits) { return __builtin_bswap32(bits); }
BODY uint64_t reversed_64(uint64_t bits) { return __builtin_bswap64(bits); }

// Above 2^53 neighbouring integers share a double.
BODY bool is_exact_uint64(uint64_t stored) { return stored <= UINT64_C(1) << 53; }
BODY bool is_exact_int64(int64_t stored) { return stored >= -(INT64_C(1) << 53) && stored <= INT64_C(1) << 53; }
#define ALWAYS_EXACT(stored) true

// Those that Float holds together with their halves, and the others.
#define FOR_EACH_SMALL_TYPE(DO)                                                                                        \
  DO(uint8, uint8_t, 8, ALWAYS_EXACT)                                                                                  \
  DO(int8, int8_t, 8, ALWAYS_EXACT)                                                                                    \
  DO(uint16, uint16_t, 16, ALWAYS_EXACT)                                                                               \
  DO(int16, int16_t, 16, ALWAYS_EXACT)
#define FOR_EACH_LARGE_TYPE(DO)                                                                                        \
  DO(uint32, uint32_t, 32, ALWAYS_EXACT)                                                                               \
  DO(int32, int32_t, 32, ALWAYS_EXACT)                                                                                 \
  DO(uint64, uint64_t, 64, is_exact_uint64)                                                                            \
  DO(int64, int64_t, 64, is_exact_int64)                                                                               \
  DO(float32, float, 32, ALWAYS_EXACT)                                                                                 \
  DO(float64, double, 64, ALWAYS_EXACT)
#define FOR_EACH_TYPE(DO) FOR_EACH_SMALL_TYPE(DO) FOR_EACH_LARGE_TYPE(DO)

// Adding 1.5 · 2^23 to a float or 1.5 · 2^52 to a double leaves no room for a fraction: the sum is rounded half to
// even, and its lowest bits are the integer's, in two's complement, for every |x| below 2^22 or 2^51. It needs no
// rounding instruction, which the baseline lacks.
BODY uint32_t integer_bits_float(float x) {
  const float sum = x + 0x1.8p23f;
  uint32_t bits;
  memcpy(&bits, &sum, sizeof bits);
  return bits;
}

BODY uint64_t integer_bits_double(double x) {
  const double sum = x + 0x1.8p52;
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  return bits;
}

// Half to even for any size of number: from 2^52 on every double is an integer already.
BODY double rounded(double x) {
  const double size = __builtin_fabs(x);
  const double whole = size < 0x1p52 ? (size + 0x1p52) - 0x1p52 : size;
  return __builtin_copysign(whole, x);
}

#endif
