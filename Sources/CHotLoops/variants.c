// Which variants this processor can run, and the floating-point state they run in.

#include "variants.h"

// Each variant needs what the one before it needs. __builtin_cpu_supports() also asks whether the operating system
// saves the wide registers.
ptrdiff_t chotloops_variant_count(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 1;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl") ||
      !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq"))
    return 2;
  return 3;
#else
  return 1;
#endif
}

const chotloops_variant *chotloops_variant_at(ptrdiff_t index) {
#if defined(__x86_64__)
  static const chotloops_variant *const variants[] = {&chotloops_baseline, &chotloops_avx2, &chotloops_avx512};
#else
  static const chotloops_variant *const variants[] = {&chotloops_baseline};
#endif
  return variants[index > 0 && index < chotloops_variant_count() ? index : 0];
}

#if defined(__x86_64__)

// MXCSR after reset: every exception masked, round to nearest, subnormals neither flushed nor read as 0.
enum { ieee_mxcsr = 0x1f80 };

uint64_t chotloops_enter_ieee(void) {
  uint64_t state = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(ieee_mxcsr);
  return state;
}

void chotloops_leave_ieee(uint64_t state) { __builtin_ia32_ldmxcsr((unsigned)state); }

#elif defined(__aarch64__)

uint64_t chotloops_enter_ieee(void) {
  uint64_t state, ieee = 0;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  __asm__ volatile("msr fpcr, %0" : : "r"(ieee));
  return state;
}

void chotloops_leave_ieee(uint64_t state) { __asm__ volatile("msr fpcr, %0" : : "r"(state)); }

#else

uint64_t chotloops_enter_ieee(void) { return 0; }

void chotloops_leave_ieee(uint64_t state) { (void)state; }

#endif
