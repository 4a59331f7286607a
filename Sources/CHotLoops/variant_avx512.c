// x86-64 with the AVX-512 of servers since 2017: 64-byte vectors, 32 registers.

#include "variants.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push( \
    __attribute__((target("avx2,fma,avx512f,avx512vl,avx512bw,avx512dq"))), apply_to = function)

#define VECTOR_BYTES 64
#define BLOCK_LINES 8
#define BLOCK_VECTORS 2

#define SCALAR float
#define SUFFIX float32
#include "variant.h"

#define SCALAR double
#define SUFFIX float64
#include "variant.h"

#pragma clang attribute pop

const chotloops_variant chotloops_avx512 = {"avx512", &table_float32, &table_float64};

#endif
