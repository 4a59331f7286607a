// Passes along a line, which is made longer for them first.

// One block of `vectors` vectors along a line; the loop over the taps is innermost but one, so that the sums of all the
// vectors run in parallel.
static inline __attribute__((always_inline)) void LOCAL(correlate_block)(
    SCALAR *out, const SCALAR *line, const SCALAR *weights, ptrdiff_t taps, ptrdiff_t x, int vectors, ptrdiff_t lanes,
    chotloops_storing storing) {
  LOCAL(vector) sum[8];
  for (int v = 0; v < vectors; v++) sum[v] = LOCAL(nothing)();
  for (ptrdiff_t t = 0; t < taps; t++) {
    LOCAL(vector) tap = LOCAL(broadcast)(weights[t]);
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
      sum[v] = __builtin_elementwise_fma(tap, LOCAL(load)(line + x + t + v * LANES, lanes), sum[v]);
  }
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++) LOCAL(store)(out + x + v * LANES, sum[v], lanes, storing);
}

#ifdef EACH_SHIFT
#define WIDEST 8
// The same for whole vectors. All but one in LANES of the vectors that the taps meet lie across two cache lines and take
// two loads. So every other one is put together from two vectors that do not, which occupies a port for multiplies
// instead: both kinds of port are busy.
static inline __attribute__((always_inline)) void LOCAL(correlate_whole)(
    SCALAR *out, const SCALAR *line, const SCALAR *weights, ptrdiff_t taps, ptrdiff_t x, int vectors,
    chotloops_storing storing) {
  LOCAL(vector) sum[8], whole[9];
  for (int v = 0; v < vectors; v++) sum[v] = LOCAL(nothing)();
  for (ptrdiff_t t = 0; t < taps; t += LANES) {
    const SCALAR *from = line + x + t;
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) whole[v] = LOCAL(load)(from + v * LANES, LANES);
    // Behind the block, no more voxels than the taps reach.
    const ptrdiff_t behind = taps - 1 - t;
    whole[vectors] = LOCAL(load)(from + vectors * LANES, behind < LANES ? behind : LANES);
#define STEP(shift) \
  if (t + shift < taps) { \
    LOCAL(vector) tap = LOCAL(broadcast)(weights[t + shift]); \
    _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) { \
      LOCAL(vector) value = \
          v % 2 ? SHIFTED(whole[v], whole[v + 1], shift) : LOCAL(load)(from + v * LANES + shift, LANES); \
      sum[v] = __builtin_elementwise_fma(tap, value, sum[v]); \
    } \
  }
    EACH_SHIFT(STEP)
#undef STEP
  }
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++) LOCAL(store)(out + x + v * LANES, sum[v], LANES, storing);
}
#else
#define WIDEST 4
static inline __attribute__((always_inline)) void LOCAL(correlate_whole)(
    SCALAR *out, const SCALAR *line, const SCALAR *weights, ptrdiff_t taps, ptrdiff_t x, int vectors,
    chotloops_storing storing) {
  LOCAL(correlate_block)(out, line, weights, taps, x, vectors, LANES, storing);
}
#endif

// How many vectors the block should have that sums the last `rest` voxels of a line.
static inline ptrdiff_t LOCAL(last_block)(ptrdiff_t rest) {
  if (rest <= LANES) return 1;
  return WIDEST == 4 || rest <= 4 * LANES ? 4 : rest <= 6 * LANES ? 6 : 8;
}

// Asks for a part of a line that will be needed later.
static inline __attribute__((always_inline)) void LOCAL(ask)(const SCALAR *line, ptrdiff_t voxels) {
  if (!line) return;
  for (ptrdiff_t x = 0; x < voxels; x += (ptrdiff_t)(64 / sizeof(SCALAR))) __builtin_prefetch(line + x);
}

// out[x] = Σₜ weights[t] · line[x + t]. Meanwhile asks for another line of n voxels, if there is one.
static void LOCAL(correlate)(
    SCALAR *out, ptrdiff_t n, const SCALAR *line, chotloops_taps taps, chotloops_storing storing, const SCALAR *later) {
#define BLOCK(x, vectors) LOCAL(correlate_whole)(out, line, taps.weights, taps.count, x, vectors, storing)
#define VECTOR(x, lanes) LOCAL(correlate_block)(out, line, taps.weights, taps.count, x, 1, lanes, storing)
  ptrdiff_t x = 0;
  for (; x + WIDEST * LANES <= n; x += WIDEST * LANES) {
    LOCAL(ask)(later ? later + x : later, WIDEST * LANES);
    BLOCK(x, WIDEST);
  }
  LOCAL(ask)(later ? later + x : later, n - x);
  // The last block, or the last vector, may overlap the one before: it computes some voxels again, to the same bits.
  // When results are added to what is there, that would add them twice.
  const int overlaps = storing != chotloops_add;
  if (overlaps && x < n && n >= 4 * LANES) {
    if (n - x > 4 * LANES && n < LOCAL(last_block)(n - x) * LANES) {
      BLOCK(x, 4);
      x += 4 * LANES;
    }
    const ptrdiff_t vectors = LOCAL(last_block)(n - x);
    if (vectors == 8) BLOCK(n - 8 * LANES, 8);
    else if (vectors == 6) BLOCK(n - 6 * LANES, 6);
    else if (vectors == 4) BLOCK(n - 4 * LANES, 4);
    else VECTOR(n - LANES, LANES);
    return;
  }
  for (; x + 4 * LANES <= n; x += 4 * LANES) BLOCK(x, 4);
  for (; x + LANES <= n; x += LANES) VECTOR(x, LANES);
  if (overlaps && x < n && x > 0)
    VECTOR(n - LANES, LANES);
  else if (x < n)
    VECTOR(x, n - x);
#undef BLOCK
#undef VECTOR
}

// Copies voxels; a call to the C library costs lines of usual length more than it saves.
static inline __attribute__((always_inline)) void LOCAL(copy)(SCALAR *to, const SCALAR *from, ptrdiff_t count) {
  ptrdiff_t x = 0;
  for (; x + LANES <= count; x += LANES) LOCAL(store)(to + x, LOCAL(load)(from + x, LANES), LANES, chotloops_pass_on);
  if (x < count) LOCAL(store)(to + x, LOCAL(load)(from + x, count - x), count - x, chotloops_pass_on);
}

static inline void LOCAL(extend_line)(void *out, const void *line, const chotloops_extension *extension) {
  SCALAR *to = out;
  const SCALAR *from = line;
  const SCALAR constant = *(const SCALAR *)extension->constant;
  const ptrdiff_t *edge = extension->edges;
  for (ptrdiff_t p = 0; p < extension->head; p++, edge++) *to++ = *edge < 0 ? constant : from[*edge];
  if (extension->copied > 0) LOCAL(copy)(to, from + extension->first, extension->copied);
  to += extension->copied;
  for (ptrdiff_t p = 0; p < extension->tail; p++, edge++) *to++ = *edge < 0 ? constant : from[*edge];
}

static void LOCAL(extend)(
    void *out, ptrdiff_t out_stride, const chotloops_line *lines, ptrdiff_t count,
    const chotloops_extension *extension) {
  for (ptrdiff_t y = 0; y < count; y++) LOCAL(extend_line)((SCALAR *)out + y * out_stride, lines[y], extension);
}

static void LOCAL(along)(
    void *out, ptrdiff_t out_stride, const chotloops_line *lines, ptrdiff_t count, ptrdiff_t n,
    const chotloops_extension *extension, void *extended, chotloops_taps taps, chotloops_storing storing) {
  storing = LOCAL(not_streaming)(storing);
  // What is needed next is asked for in time, a little with each block: the processor alone comes too late.
  const ptrdiff_t ahead = 1 + 4096 / (n * (ptrdiff_t)sizeof(SCALAR));
  for (ptrdiff_t y = 0; y < count; y++) {
    const SCALAR *later = y + ahead < count ? lines[y + ahead] : NULL;
    LOCAL(extend_line)(extended, lines[y], extension);
    LOCAL(correlate)((SCALAR *)out + y * out_stride, n, extended, taps, storing, later);
  }
}

#undef WIDEST
