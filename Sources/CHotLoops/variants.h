#ifndef CHOTLOOPS_VARIANTS_H
#define CHOTLOOPS_VARIANTS_H

// The variants that this build contains; variants.c picks from them.

#include "lines.h"
#include "rank.h"
#include "stored_types.h"

extern const chotloops_variant chotloops_baseline;

#if defined(__x86_64__)
extern const chotloops_variant chotloops_avx2;
extern const chotloops_variant chotloops_avx512;
#endif

#endif
