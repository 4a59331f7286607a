// x86-64 with the AVX-512 of servers since 2017: 64-byte vectors, 32 registers.

#include "variants.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push( \
    __attribute__((target("avx2,fma,avx512f,avx512vl,avx512bw,avx512dq"))), apply_to = function)

#define VECTOR_BYTES 64
#define BLOCK_LINES 8
#define BLOCK_VECTORS 2
#define DENSE_LINES 6
#define DENSE_VECTORS 4

#define STREAMED() _mm_sfence()

// Lanes of two vectors side by side; t has to be a constant.
#define EIGHT_FROM(t) (t) + 0, (t) + 1, (t) + 2, (t) + 3, (t) + 4, (t) + 5, (t) + 6, (t) + 7

#define SCALAR float
#define SUFFIX float32
#define SHIFTED(a, b, t) __builtin_shufflevector(a, b, EIGHT_FROM(t), EIGHT_FROM((t) + 8))
#define EACH_SHIFT(STEP) \
  STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) \
  STEP(8) STEP(9) STEP(10) STEP(11) STEP(12) STEP(13) STEP(14) STEP(15)
#define LOAD_PART(vector, from, lanes) ((vector) = _mm512_maskz_loadu_ps((__mmask16)((1u << (lanes)) - 1), from))
#define STORE_PART(to, vector, lanes) _mm512_mask_storeu_ps(to, (__mmask16)((1u << (lanes)) - 1), vector)
#include "variant.h"

#define SCALAR double
#define SUFFIX float64
#define SHIFTED(a, b, t) __builtin_shufflevector(a, b, EIGHT_FROM(t))
#define EACH_SHIFT(STEP) STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7)
#define LOAD_PART(vector, from, lanes) ((vector) = _mm512_maskz_loadu_pd((__mmask8)((1u << (lanes)) - 1), from))
#define STORE_PART(to, vector, lanes) _mm512_mask_storeu_pd(to, (__mmask8)((1u << (lanes)) - 1), vector)
#include "variant.h"

#pragma clang attribute pop

const chotloops_variant chotloops_avx512 = {
    "avx512", &table_float32, &table_float64, &conversion_float32, &conversion_float64,
    &ranks_float32, &ranks_float64,
};

#endif
