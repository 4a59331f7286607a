// What every processor of this architecture can run: SSE2 on x86-64, NEON on aarch64.
//
// SSE2 has no fused multiply-add; the compiler then calls fma() of the C library for each voxel, which is exact, and
// slow.

#include "variants.h"

#pragma STDC FP_CONTRACT OFF

#define VECTOR_BYTES 16
#define BLOCK_LINES 8
#define BLOCK_VECTORS 2
// Without the instruction each block is a long list of calls, and these should be few.
#if defined(__ARM_FEATURE_FMA)
#define DENSE_LINES 6
#define DENSE_VECTORS 4
#else
#define DENSE_LINES 2
#define DENSE_VECTORS 1
#endif

#define STREAMED() __atomic_thread_fence(__ATOMIC_SEQ_CST)

#define SCALAR float
#define SUFFIX float32
#define LOAD_PART(vector, from, lanes) __builtin_memcpy(&(vector), from, (size_t)(lanes) * sizeof(SCALAR))
#define STORE_PART(to, vector, lanes) __builtin_memcpy(to, &(vector), (size_t)(lanes) * sizeof(SCALAR))
#include "variant.h"

#define SCALAR double
#define SUFFIX float64
#define LOAD_PART(vector, from, lanes) __builtin_memcpy(&(vector), from, (size_t)(lanes) * sizeof(SCALAR))
#define STORE_PART(to, vector, lanes) __builtin_memcpy(to, &(vector), (size_t)(lanes) * sizeof(SCALAR))
#include "variant.h"

const chotloops_variant chotloops_baseline = {
    "baseline", &table_float32, &table_float64, &conversion_float32, &conversion_float64,
    &ranks_float32, &ranks_float64,
};
