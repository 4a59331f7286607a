// The loops of rank filters: the r-th smallest voxel of a neighbourhood.
//
// A network of exchanges selects it, on many voxels of a line side by side. It moves numbers and computes none, and a
// result of zero is always +0, so the bits depend neither on the network nor on the instruction set. A network does
// not know absent voxels; where some are, a search over the bits of the voxels takes its place.

#ifndef CHOTLOOPS_RANK_H
#define CHOTLOOPS_RANK_H

#include "lines.h"

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// What an exchange leaves: both numbers, or one of them.
typedef enum { chotloops_both, chotloops_least, chotloops_most } chotloops_kept;

/// least[x] = min(a[x + a_shift], b[x + b_shift]) and most[x] = max(…) for x < n + reach. The four are places: first the
/// input lines, then registers. Shifts are at least 0, so a result may stand where an operand stood.
typedef struct {
  uint32_t a, b;
  uint32_t least, most;
  int32_t a_shift, b_shift;
  int32_t reach;
  chotloops_kept kept;
} chotloops_exchange;

/// Where the result of an output line stands after the exchanges.
typedef struct {
  uint32_t place;
  int32_t shift;
} chotloops_selected;

/// One voxel of a neighbourhood: its slice and line, and its voxel from the start of the extended line.
typedef struct {
  int32_t slice, line, shift;
} chotloops_offset;

/// A neighbourhood and what to select from it. Its bounding box has `i` × `j` × `k` voxels.
typedef struct {
  const chotloops_exchange *exchanges;
  ptrdiff_t exchange_count;
  /// One for each output line of a block: the network's inputs are the (outputs + j − 1) · k lines that these meet.
  const chotloops_selected *selected;
  ptrdiff_t outputs;
  ptrdiff_t i, j, k;
  const chotloops_offset *offsets;
  ptrdiff_t offset_count;
  /// The voxel that the result stands for.
  chotloops_offset centre;
  /// Which one is selected from n present voxels, for n from 0 to offset_count.
  const int32_t *ranks;
  /// Voxels may be absent; mark() has marked them. Otherwise a NaN in the neighbourhood makes the result NaN.
  int may_be_absent;
  /// There is no network: each voxel is searched for.
  int searches;
} chotloops_rank;

/// A lane's own memory.
typedef struct {
  /// As many as the network has inputs and registers; those of the registers are filled in.
  const void *_Nonnull *_Nonnull places;
  /// offset_count vectors of 64 bytes, at a multiple of 64.
  void *keys;
  /// Voxels that run through the network together. Registers hold i − 1 and 64 bytes more.
  ptrdiff_t segment;
} chotloops_rank_scratch;

typedef struct chotloops_ranks {
  /// out[o][x] = the selected voxel of those at lines[slice · (out_count + j − 1) + o + line][x + shift], for
  /// o < out_count and x < n. Each line has n + i − 1 voxels, and 64 bytes behind them that may hold anything.
  void (*_Nonnull select)(void *out, ptrdiff_t out_stride, ptrdiff_t out_count, const chotloops_line *_Nonnull lines,
                          ptrdiff_t n, const chotloops_rank *rank, const chotloops_rank_scratch *scratch);

  /// Copies voxels and marks those that are absent: outside[x] where inside[x] is 0 (no pointer: nowhere), and, if
  /// `finite_only`, those that are not finite. Other NaNs become the one NaN.
  void (*_Nonnull mark)(void *out, const void *in, const uint8_t *_Nullable inside, int finite_only, ptrdiff_t n);

  /// Writes the voxels where inside[x] is 0: the kept voxel if there is one, else `fill`.
  void (*_Nonnull settle)(void *voxels, const uint8_t *inside, const void *_Nullable kept, const void *fill,
                          ptrdiff_t n);

  /// Writes `n` voxels that are absent.
  void (*_Nonnull absent)(void *out, ptrdiff_t n);
} chotloops_ranks;

#pragma clang assume_nonnull end

#endif
