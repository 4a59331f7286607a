#ifndef CMACHINELIMITS_H
#define CMACHINELIMITS_H

// What the processor and its memory can do at best, whatever is computed.

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Fused multiply-adds of floats, `rounds` times as many as cmachinelimits_fma_round() says, with nothing in their way:
/// all operands are in registers, and no result is waited for.
///
/// `isa` is the name that the hot loops give to an instruction set; an unknown one counts as the baseline. The value
/// means nothing, it only keeps the compiler from leaving the work out.
float cmachinelimits_fma(const char *isa, int64_t rounds);

/// Multiplications and additions in one round.
int64_t cmachinelimits_fma_round(const char *isa);

/// Copies like memcpy(), but past the caches. Both addresses and the length are multiples of 64 bytes.
void cmachinelimits_stream(void *to, const void *from, size_t bytes);

#pragma clang assume_nonnull end

#endif
