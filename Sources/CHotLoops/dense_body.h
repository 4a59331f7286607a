// The dense loop, for one instruction set and one scalar. Included by variant.h after vectors_body.h, with
//
//   DENSE_LINES     output lines that are summed side by side
//   DENSE_VECTORS   vectors per output line in such a block: 4, or less where there are few registers
//
// A block of lines × vectors of sums stays in registers while all weights meet it. Each input vector is loaded once per
// shift along i and meets one weight for each output line that it contributes to, and each of these weights is loaded
// once for all vectors: 6 × 4 sums take 24 fused multiply-adds from 10 loads.

// What one input line adds to the output lines from `first` to `end`, which are constants where this is inlined.
// `weights` is the weight that the line has for output line 0 and no shift; the next output line's stands before it.
static inline __attribute__((always_inline)) void LOCAL(dense_line)(
    LOCAL(vector) *sum, const SCALAR *from, const SCALAR *weights, chotloops_kernel kernel, int first, int end,
    int vectors, ptrdiff_t lanes) {
#pragma clang loop unroll(disable)
  for (ptrdiff_t shift = 0; shift < kernel.i; shift++) {
    LOCAL(vector) value[4];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) value[v] = LOCAL(load)(from + shift + v * LANES, lanes);
#pragma clang loop unroll(full)
    for (int o = first; o < end; o++) {
      LOCAL(vector) weight = LOCAL(broadcast)(weights[shift * kernel.j - o]);
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++)
        sum[o * vectors + v] = __builtin_elementwise_fma(weight, value[v], sum[o * vectors + v]);
    }
  }
}

// One block. In each slice of the kernel the first and the last input lines serve only some of the output lines, hence
// the two ramps. Needs height − 1 ≤ kernel.j.
static inline __attribute__((always_inline)) void LOCAL(dense_block)(
    SCALAR *out, ptrdiff_t stride, const chotloops_line *lines, ptrdiff_t lines_per_slice, ptrdiff_t x,
    chotloops_kernel kernel, int height, int vectors, ptrdiff_t lanes) {
  LOCAL(vector) sum[DENSE_LINES * 4];
#pragma clang loop unroll(full)
  for (int s = 0; s < height * vectors; s++) sum[s] = LOCAL(nothing)();
  const SCALAR *weights = kernel.weights;
  for (ptrdiff_t slice = 0; slice < kernel.k; slice++, lines += lines_per_slice, weights += kernel.i * kernel.j) {
#define MEET(line, first, end) \
  LOCAL(dense_line)(sum, (const SCALAR *)lines[line] + x, weights + (line), kernel, first, end, vectors, lanes)
#pragma clang loop unroll(full)
    for (int line = 0; line < height - 1; line++) MEET(line, 0, line + 1);
    for (ptrdiff_t line = height - 1; line < kernel.j; line++) MEET(line, 0, height);
#pragma clang loop unroll(full)
    for (int done = 1; done < height; done++) MEET(kernel.j - 1 + done, done, height);
#undef MEET
  }
#pragma clang loop unroll(full)
  for (int o = 0; o < height; o++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
      LOCAL(store)(out + o * stride + x + v * LANES, sum[o * vectors + v], lanes, chotloops_replace);
}

// All output lines of a column of `vectors` vectors. Down a column, because a block finds most input lines of the block
// above it in the first-level cache.
static inline __attribute__((always_inline)) void LOCAL(dense_column)(
    SCALAR *out, ptrdiff_t stride, ptrdiff_t out_count, const chotloops_line *lines, ptrdiff_t x,
    chotloops_kernel kernel, int vectors, ptrdiff_t lanes) {
  const ptrdiff_t lines_per_slice = out_count + kernel.j - 1;
  ptrdiff_t o = 0;
#define BLOCKS_OF(height) \
  if (height <= DENSE_LINES && height - 1 <= kernel.j) \
    for (; o + height <= out_count; o += height) \
  LOCAL(dense_block)(out + o * stride, stride, lines + o, lines_per_slice, x, kernel, height, vectors, lanes)
  BLOCKS_OF(DENSE_LINES);
  BLOCKS_OF(4);
  BLOCKS_OF(2);
  BLOCKS_OF(1);
#undef BLOCKS_OF
}

// A function for each width, so that the compiler keeps their variables apart.
#define COLUMN_OF(name, vectors, lanes) \
  static __attribute__((noinline)) void LOCAL(name)( \
      SCALAR *out, ptrdiff_t stride, ptrdiff_t out_count, const chotloops_line *lines, ptrdiff_t x, ptrdiff_t n, \
      chotloops_kernel kernel) { \
    LOCAL(dense_column)(out, stride, out_count, lines, x, kernel, vectors, lanes); \
  }
COLUMN_OF(dense_4, 4, LANES)
COLUMN_OF(dense_2, 2, LANES)
COLUMN_OF(dense_1, 1, LANES)
COLUMN_OF(dense_part, 1, n - x)
#undef COLUMN_OF

static void LOCAL(dense)(
    void *out, ptrdiff_t out_stride, ptrdiff_t out_count, const chotloops_line *lines, ptrdiff_t n,
    chotloops_kernel kernel) {
  ptrdiff_t x = 0;
#define COLUMNS_OF(vectors, column) \
  for (; x + (vectors) * LANES <= n; x += (vectors) * LANES) \
  LOCAL(column)(out, out_stride, out_count, lines, x, n, kernel)
  if (DENSE_VECTORS >= 4) COLUMNS_OF(4, dense_4);
  if (DENSE_VECTORS >= 2) COLUMNS_OF(2, dense_2);
  COLUMNS_OF(1, dense_1);
#undef COLUMNS_OF
  if (x < n && x > 0)  // overlap, as in correlate()
    LOCAL(dense_1)(out, out_stride, out_count, lines, n - LANES, n, kernel);
  else if (x < n)
    LOCAL(dense_part)(out, out_stride, out_count, lines, x, n, kernel);
}
