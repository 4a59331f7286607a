#ifndef CHOTLOOPS_LINES_H
#define CHOTLOOPS_LINES_H

// The loops of the filter engine, for any instruction set.
//
// One body (*_body.h) is compiled once per instruction set and scalar; a caller picks a table once and then calls
// through it, a whole batch of lines at a time. Voxel pointers are `void *` because the table, not the caller, knows the
// scalar. Lengths and strides count voxels, never bytes.
//
// Arithmetic, the same in every variant: a result is the first product, rounded, then one fused multiply-add per
// further tap, in the order of the taps. Vectors run across voxels, never across taps, so that the bits do not depend
// on the instruction set, the number of threads or the tiling. A NaN that is computed has always the same bits, because
// the sign and payload that an addition of two NaNs leaves behind do differ between processors.
//
// No loop reads or writes outside the lengths that it is given.

#include "conversion.h"

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Where a line of voxels begins.
typedef const void *_Nonnull chotloops_line;

/// How a line becomes longer than it is: `head` voxels, then `copied` voxels of the line from `first` on, then `tail`
/// voxels. Voxel e of head and tail together is voxel edges[e] of the line, or the constant where edges[e] is negative.
typedef struct {
  const ptrdiff_t *edges;
  ptrdiff_t head;
  ptrdiff_t first;
  ptrdiff_t copied;
  ptrdiff_t tail;
  const void *constant;
} chotloops_extension;

/// 1-D weights: `count` of them, at least 1.
typedef struct {
  const void *weights;
  ptrdiff_t count;
} chotloops_taps;

/// 3-D weights, each size at least 1. Those of neighbouring lines are neighbours in memory, because blocks of lines need
/// them together: j fastest, then i, then k.
typedef struct {
  const void *weights;
  ptrdiff_t i, j, k;
} chotloops_kernel;

/// What a pass does with its results.
typedef enum {
  chotloops_replace,
  /// As `replace`, but a NaN may have any bits: another pass follows, whose results do not depend on them.
  chotloops_pass_on,
  /// They are added to what stands there, after rounding.
  chotloops_add,
  /// As `replace`, and across lines they go past the caches if all of them are whole cache lines: for frames that would
  /// not stay there until somebody reads them, and would be read before they are written.
  chotloops_stream
} chotloops_storing;

/// What normalise() writes where the weight is too small: the kept voxel if there is one, else `fill`.
typedef struct {
  const void *minimum;
  const void *gain;
  const void *fill;
  const void *_Nullable kept;
  const uint8_t *_Nullable inside;
} chotloops_outside;

/// What combine() does with two numbers.
typedef enum { chotloops_sum, chotloops_difference, chotloops_product, chotloops_quotient } chotloops_arithmetic;

typedef struct {
  /// out[y][x] = Σₜ weights[t] · extended lines[y][x + t], for y < count and x < n: a pass along the axis that is
  /// contiguous in memory. `extended` is scratch for one extended line, which has n + taps.count − 1 voxels.
  void (*_Nonnull along)(void *out, ptrdiff_t out_stride, const chotloops_line *_Nonnull lines, ptrdiff_t count,
                         ptrdiff_t n, const chotloops_extension *extension, void *extended, chotloops_taps taps,
                         chotloops_storing storing);

  /// out[o][x] = Σₜ weights[t] · lines[o + t][x], for o < out_count and x < n: a pass across lines.
  /// There are out_count + taps.count − 1 line pointers; they may repeat.
  void (*_Nonnull across)(void *out, ptrdiff_t out_stride, ptrdiff_t out_count, const chotloops_line *_Nonnull lines,
                          ptrdiff_t n, chotloops_taps taps,
                          chotloops_storing storing);

  /// out[o][x] = Σₖ Σⱼ Σᵢ weight(i, j, k) · lines[k · (out_count + kernel.j − 1) + o + j][x + i], for o < out_count and
  /// x < n, with i counting fastest: weights that are no product of taps. Each line has n + kernel.i − 1 voxels; line
  /// pointers may repeat.
  void (*_Nonnull dense)(void *out, ptrdiff_t out_stride, ptrdiff_t out_count, const chotloops_line *_Nonnull lines,
                         ptrdiff_t n, chotloops_kernel kernel);

  /// Writes `count` extended lines.
  void (*_Nonnull extend)(void *out, ptrdiff_t out_stride, const chotloops_line *_Nonnull lines, ptrdiff_t count,
                          const chotloops_extension *extension);

  /// voxels[x] /= line[x] · factor: one division per voxel.
  void (*_Nonnull divide)(void *voxels, const void *line, const void *factor, ptrdiff_t n);

  /// voxels[x] = gain · (voxels[x] / weights[x]) where inside[x] (no pointer: everywhere) and the weight is above 0 and
  /// not below the minimum; elsewhere what `outside` says.
  void (*_Nonnull normalise)(void *voxels, const void *weights, ptrdiff_t n, const chotloops_outside *outside);

  /// weights[x] = 1 and out[x] = in[x] where the voxel counts, else 0 and 0. A voxel counts when inside[x] is not 0 (no
  /// pointer: everywhere) and, if `finite_only`, it is finite. `out` or `weights` may be missing.
  void (*_Nonnull present)(void *_Nullable out, void *_Nullable weights, const void *in,
                           const uint8_t *_Nullable inside, int finite_only, ptrdiff_t n);

  /// voxels[x] = slope · voxels[x] + intercept, fused.
  void (*_Nonnull scale)(void *voxels, const void *slope, const void *intercept, ptrdiff_t n);

  /// Below the lower bound becomes the lower bound, above the upper one the upper; NaN stays NaN.
  void (*_Nonnull clamp)(void *voxels, const void *lower, const void *upper, ptrdiff_t n);

  /// Below the lower or above the upper bound becomes `outside`; NaN stays NaN.
  void (*_Nonnull threshold)(void *voxels, const void *lower, const void *upper, const void *outside, ptrdiff_t n);

  /// voxels[x] = voxels[x] ∘ others[x], or ∘ number where there are no others; each result rounded once, as IEEE 754 has
  /// it: x / 0 is infinite, 0 / 0 NaN.
  void (*_Nonnull combine)(void *voxels, const void *_Nullable others, const void *number,
                           chotloops_arithmetic arithmetic, ptrdiff_t n);

  /// The smallest and the largest of the finite voxels, and of `least` and `most` as they are; returns how many voxels are
  /// finite. With `positive_only`, voxels of 0 and below do not count.
  ptrdiff_t (*_Nonnull range)(const void *voxels, ptrdiff_t n, int positive_only, double *least, double *most);

  /// counts[b] += 1 for each finite voxel in bin b of `bins`: b = ⌊factor · voxel + offset⌋, at most the last and at least
  /// the first; where there are edges (bins + 1 of them), the bin whose edges[b] ≤ voxel < edges[b + 1] instead.
  void (*_Nonnull histogram)(const void *voxels, ptrdiff_t n, int positive_only, double factor, double offset,
                             const double *_Nullable edges, ptrdiff_t bins, int64_t *counts);

  /// How many voxels are NaN or infinite.
  ptrdiff_t (*_Nonnull count_non_finite)(const void *voxels, ptrdiff_t n);
} chotloops_lines;

/// The tables of one instruction set. They are filled at compile time and never change.
typedef struct {
  const char *name;
  const chotloops_lines *float32;
  const chotloops_lines *float64;
  const chotloops_conversion *float32_conversion;
  const chotloops_conversion *float64_conversion;
  const struct chotloops_ranks *float32_ranks;
  const struct chotloops_ranks *float64_ranks;
} chotloops_variant;

/// How many variants this processor can run, at least 1.
ptrdiff_t chotloops_variant_count(void);

/// One of them: the slowest ("baseline") has index 0, and so has every index that does not exist.
const chotloops_variant *chotloops_variant_at(ptrdiff_t index);

/// Sets this thread's floating-point state to round to nearest, with subnormal numbers; returns the state it was in.
/// A host program may have switched subnormals off, and the bits must not depend on the host.
uint64_t chotloops_enter_ieee(void);

/// Puts the floating-point state back.
void chotloops_leave_ieee(uint64_t state);

#pragma clang assume_nonnull end

#endif
