// Passes across lines: every result is a sum over neighbouring lines, voxel by voxel.

// Whether lines of n voxels are nothing but blocks of `vectors` vectors, and these nothing but whole cache lines. A line
// that is streamed and then written again costs many times what streaming saves.
static inline int LOCAL(may_stream)(const void *out, ptrdiff_t stride, ptrdiff_t n, ptrdiff_t vectors) {
  const size_t cache_line = 64, block = (size_t)(vectors * LANES) * sizeof(SCALAR);
  return block % cache_line == 0 && (size_t)n * sizeof(SCALAR) % block == 0 && (uintptr_t)out % cache_line == 0 &&
         (size_t)stride * sizeof(SCALAR) % cache_line == 0;
}

// One block of `height` output lines by `vectors` vectors. Each input vector is loaded once and meets up to `height`
// taps; at the start and the end of the block some output lines have not begun or are already done, hence the two
// ramps. Needs height − 1 ≤ taps.
static inline __attribute__((always_inline)) void LOCAL(across_block)(
    SCALAR *out, ptrdiff_t stride, const chotloops_line *lines, const SCALAR *weights, ptrdiff_t taps, ptrdiff_t x,
    int height, int vectors, ptrdiff_t lanes, chotloops_storing storing) {
  LOCAL(vector) sum[BLOCK_LINES][BLOCK_VECTORS];
  for (int o = 0; o < height; o++)
    for (int v = 0; v < vectors; v++) sum[o][v] = LOCAL(nothing)();

#define MEET(line, o, t) \
  _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) sum[o][v] = \
      __builtin_elementwise_fma(LOCAL(broadcast)(weights[t]), value[v], sum[o][v])
#define LOAD(line) \
  LOCAL(vector) value[BLOCK_VECTORS]; \
  const SCALAR *from = (const SCALAR *)lines[line] + x; \
  _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) value[v] = LOCAL(load)(from + v * LANES, lanes)

#pragma clang loop unroll(full)
  for (int line = 0; line < height - 1; line++) {
    LOAD(line);
#pragma clang loop unroll(full)
    for (int o = 0; o <= line; o++) MEET(line, o, line - o);
  }
  for (ptrdiff_t line = height - 1; line < taps; line++) {
    LOAD(line);
#pragma clang loop unroll(full)
    for (int o = 0; o < height; o++) MEET(line, o, line - o);
  }
#pragma clang loop unroll(full)
  for (int done = 1; done < height; done++) {
    LOAD(taps - 1 + done);
#pragma clang loop unroll(full)
    for (int o = done; o < height; o++) MEET(line, o, taps - 1 + done - o);
  }
#undef LOAD
#undef MEET

#pragma clang loop unroll(full)
  for (int o = 0; o < height; o++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) LOCAL(store)(out + o * stride + x + v * LANES, sum[o][v], lanes, storing);
}

// `height` whole output lines; `height` is a constant where this is inlined. `ahead` lines behind those that these need
// are asked for meanwhile: the next block's, which begin somewhere else in memory than the processor would expect.
static inline __attribute__((always_inline)) void LOCAL(across_lines)(
    SCALAR *out, ptrdiff_t stride, const chotloops_line *lines, const SCALAR *weights, ptrdiff_t taps, ptrdiff_t n,
    int height, ptrdiff_t ahead, chotloops_storing storing) {
  const ptrdiff_t wide = BLOCK_VECTORS * LANES;
  ptrdiff_t x = 0;
  for (; x + wide <= n; x += wide) {
    for (ptrdiff_t next = 0; next < ahead; next++)
      for (ptrdiff_t v = 0; v < BLOCK_VECTORS; v++)
        __builtin_prefetch((const SCALAR *)lines[height + taps - 1 + next] + x + v * LANES);
    LOCAL(across_block)(out, stride, lines, weights, taps, x, height, BLOCK_VECTORS, LANES, storing);
  }
  if (x < n && x > 0 && storing != chotloops_add) {  // overlap, as in correlate()
    LOCAL(across_block)(out, stride, lines, weights, taps, n - wide, height, BLOCK_VECTORS, LANES, storing);
    return;
  }
  for (; x + LANES <= n; x += LANES) LOCAL(across_block)(out, stride, lines, weights, taps, x, height, 1, LANES, storing);
  if (x < n && x > 0 && storing != chotloops_add)
    LOCAL(across_block)(out, stride, lines, weights, taps, n - LANES, height, 1, LANES, storing);
  else if (x < n)
    LOCAL(across_block)(out, stride, lines, weights, taps, x, height, 1, n - x, storing);
}

static void LOCAL(across)(
    void *out, ptrdiff_t out_stride, ptrdiff_t out_count, const chotloops_line *lines, ptrdiff_t n, chotloops_taps taps,
    chotloops_storing storing) {
  const SCALAR *weights = taps.weights;
  if (!LOCAL(may_stream)(out, out_stride, n, BLOCK_VECTORS)) storing = LOCAL(not_streaming)(storing);
  // The first-level cache holds two blocks of such lines; longer ones would push each other out before they are used.
  const ptrdiff_t asked = n * (ptrdiff_t)sizeof(SCALAR) <= 2048 ? BLOCK_LINES : 0;
  ptrdiff_t o = 0;
#define AHEAD(height) (out_count - o - (height) < asked ? out_count - o - (height) : asked)
#define BLOCKS_OF(height) \
  if (height <= BLOCK_LINES && height - 1 <= taps.count) \
    for (; o + height <= out_count; o += height) \
  LOCAL(across_lines)( \
      (SCALAR *)out + o * out_stride, out_stride, lines + o, weights, taps.count, n, height, AHEAD(height), storing)
  BLOCKS_OF(8);
  BLOCKS_OF(4);
  BLOCKS_OF(2);
  BLOCKS_OF(1);
#undef BLOCKS_OF
#undef AHEAD
  if (storing == chotloops_stream) STREAMED();
}
