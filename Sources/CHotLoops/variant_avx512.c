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

#define SCALAR float
#define SUFFIX float32
#define LOAD_PART(vector, from, lanes) ((vector) = _mm512_maskz_loadu_ps((__mmask16)((1u << (lanes)) - 1), from))
#define STORE_PART(to, vector, lanes) _mm512_mask_storeu_ps(to, (__mmask16)((1u << (lanes)) - 1), vector)
#include "variant.h"

#define SCALAR double
#define SUFFIX float64
#define LOAD_PART(vector, from, lanes) ((vector) = _mm512_maskz_loadu_pd((__mmask8)((1u << (lanes)) - 1), from))
#define STORE_PART(to, vector, lanes) _mm512_mask_storeu_pd(to, (__mmask8)((1u << (lanes)) - 1), vector)
#include "variant.h"

#pragma clang attribute pop

const chotloops_variant chotloops_avx512 = {"avx512", &table_float32, &table_float64};

#endif
