// x86-64 with AVX2 and FMA: 32-byte vectors, 16 registers.

#include "variants.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

// From (8 − n) on, 8 words of which the first n are set: the masks of partial loads and stores.
static const int32_t window[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

static inline __m256i mask_of_words(ptrdiff_t words) {
  return _mm256_loadu_si256((const __m256i *)(window + 8 - words));
}

#define VECTOR_BYTES 32
#define BLOCK_LINES 4
#define BLOCK_VECTORS 2
#define DENSE_LINES 6
#define DENSE_VECTORS 2

#define STREAMED() _mm_sfence()

#define SCALAR float
#define SUFFIX float32
#define LOAD_PART(vector, from, lanes) ((vector) = _mm256_maskload_ps(from, mask_of_words(lanes)))
#define STORE_PART(to, vector, lanes) _mm256_maskstore_ps(to, mask_of_words(lanes), vector)
#include "variant.h"

#define SCALAR double
#define SUFFIX float64
#define LOAD_PART(vector, from, lanes) ((vector) = _mm256_maskload_pd(from, mask_of_words(2 * (lanes))))
#define STORE_PART(to, vector, lanes) _mm256_maskstore_pd(to, mask_of_words(2 * (lanes)), vector)
#include "variant.h"

#pragma clang attribute pop

const chotloops_variant chotloops_avx2 = {
    "avx2", &table_float32, &table_float64, &conversion_float32, &conversion_float64,
    &ranks_float32, &ranks_float64,
};

#endif
