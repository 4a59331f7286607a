#include "CMachineLimits.h"

#include <string.h>

// Two units that each take four cycles need eight sums under way; twelve leave some room.
enum { sums = 12 };

#define FMA_LOOP(name, lanes) \
  static float name(int64_t rounds) { \
    typedef float vector __attribute__((vector_size((lanes) * sizeof(float)))); \
    vector sum[sums]; \
    for (int s = 0; s < sums; s++) sum[s] = (vector){0} + (float)s; \
    const vector factor = (vector){0} + 0.999f, addend = (vector){0} + 0.001f; \
    for (int64_t round = 0; round < rounds; round++) \
      _Pragma("clang loop unroll(full)") for (int s = 0; s < sums; s++) sum[s] = \
          __builtin_elementwise_fma(sum[s], factor, addend); \
    float total = 0; \
    for (int s = 0; s < sums; s++) total += sum[s][0]; \
    return total; \
  }

enum { baseline_lanes = 4, avx2_lanes = 8, avx512_lanes = 16 };

FMA_LOOP(baseline, baseline_lanes)

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
FMA_LOOP(avx2, avx2_lanes)
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
FMA_LOOP(avx512, avx512_lanes)
#pragma clang attribute pop

#endif

float cmachinelimits_fma(const char *isa, int64_t rounds) {
#if defined(__x86_64__)
  if (!strcmp(isa, "avx512")) return avx512(rounds);
  if (!strcmp(isa, "avx2")) return avx2(rounds);
#else
  (void)isa;
#endif
  return baseline(rounds);
}

int64_t cmachinelimits_fma_round(const char *isa) {
  int lanes = baseline_lanes;
  if (!strcmp(isa, "avx2")) lanes = avx2_lanes;
  if (!strcmp(isa, "avx512")) lanes = avx512_lanes;
  return 2 * sums * lanes;
}

void cmachinelimits_stream(void *to, const void *from, size_t bytes) {
  typedef float vector __attribute__((vector_size(16)));
  vector *out = to;
  const vector *in = from;
  for (size_t v = 0; v < bytes / sizeof(vector); v++) __builtin_nontemporal_store(in[v], out + v);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
