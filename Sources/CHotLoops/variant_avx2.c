// x86-64 with AVX2 and FMA: 32-byte vectors, 16 registers.

#include "variants.h"

#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define VECTOR_BYTES 32
#define BLOCK_LINES 4
#define BLOCK_VECTORS 2

#define SCALAR float
#define SUFFIX float32
#include "variant.h"

#define SCALAR double
#define SUFFIX float64
#include "variant.h"

#pragma clang attribute pop

const chotloops_variant chotloops_avx2 = {"avx2", &table_float32, &table_float64};

#endif
