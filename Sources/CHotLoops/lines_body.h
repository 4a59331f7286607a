// The passes, for one instruction set and one scalar. Included by variant.h with:
//
//   SCALAR          float or double
//   LANES           voxels in a vector
//   BLOCK_LINES     output lines that are summed side by side (a power of two)
//   BLOCK_VECTORS   vectors per output line in such a block
//   LOCAL(name)     gives a name its suffix
//   LOAD_PART(vector, from, lanes), STORE_PART(to, vector, lanes)
//                   the first few lanes of a vector; nothing else in memory is touched
//   SHIFTED(a, b, t), EACH_SHIFT(STEP)
//                   if the processor has one instruction for it: the lanes from t on of two vectors, and STEP(t) for
//                   every t below LANES
//   STREAMED()      makes streamed stores visible to other processors before anything stored later
//
// The block sizes are chosen so that the sums stay in registers; they do not change a bit of the result.

typedef SCALAR LOCAL(vector) __attribute__((vector_size(LANES * sizeof(SCALAR))));

// Loads `lanes` voxels; the other lanes are 0. With a constant LANES this is one unaligned load.
static inline __attribute__((always_inline)) LOCAL(vector) LOCAL(load)(const SCALAR *from, ptrdiff_t lanes) {
  LOCAL(vector) value = {0};
  if (lanes == LANES)
    __builtin_memcpy(&value, from, sizeof value);
  else
    LOAD_PART(value, from, lanes);
  return value;
}

static inline __attribute__((always_inline)) LOCAL(vector) LOCAL(broadcast)(SCALAR value) {
  return value - (LOCAL(vector)){0};  // x − 0 is x, for every x
}

// The one NaN that all processors agree on, for any NaN.
static inline __attribute__((always_inline)) SCALAR LOCAL(same_nan)(SCALAR value) {
  return value == value ? value : (SCALAR)__builtin_nan("");
}

// Stores `lanes` voxels. Streaming needs a whole vector at a multiple of its length.
static inline __attribute__((always_inline)) void LOCAL(store)(
    SCALAR *to, LOCAL(vector) value, ptrdiff_t lanes, chotloops_storing storing) {
  if (storing == chotloops_add) value = LOCAL(load)(to, lanes) + value;
  if (storing != chotloops_pass_on)
    for (int lane = 0; lane < LANES; lane++) value[lane] = LOCAL(same_nan)(value[lane]);
  if (lanes != LANES)
    STORE_PART(to, value, lanes);
  else if (storing == chotloops_stream)
    __builtin_nontemporal_store(value, (LOCAL(vector) *)to);
  else
    __builtin_memcpy(to, &value, sizeof value);
}

static inline __attribute__((always_inline)) chotloops_storing LOCAL(not_streaming)(chotloops_storing storing) {
  return storing == chotloops_stream ? chotloops_replace : storing;
}

// Whether lines of n voxels are nothing but blocks of `vectors` vectors, and these nothing but whole cache lines. A line
// that is streamed and then written again costs many times what streaming saves.
static inline int LOCAL(may_stream)(const void *out, ptrdiff_t stride, ptrdiff_t n, ptrdiff_t vectors) {
  const size_t cache_line = 64, block = (size_t)(vectors * LANES) * sizeof(SCALAR);
  return block % cache_line == 0 && (size_t)n * sizeof(SCALAR) % block == 0 && (uintptr_t)out % cache_line == 0 &&
         (size_t)stride * sizeof(SCALAR) % cache_line == 0;
}

// The sum that no addition changes: fma(t, x, −0) is t · x, rounded once, with its own sign even if it is zero.
static inline __attribute__((always_inline)) LOCAL(vector) LOCAL(nothing)(void) {
  return LOCAL(broadcast)((SCALAR)-0.0);
}

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
// The same for 8 vectors. All but one in LANES of the vectors that the taps meet lie across two cache lines and take two
// loads. So every other one is put together from two vectors that do not, which occupies a port for multiplies instead:
// both kinds of port are busy.
static inline __attribute__((always_inline)) void LOCAL(correlate_wide)(
    SCALAR *out, const SCALAR *line, const SCALAR *weights, ptrdiff_t taps, chotloops_storing storing) {
  enum { vectors = 8 };
  LOCAL(vector) sum[vectors], whole[vectors + 1];
  for (int v = 0; v < vectors; v++) sum[v] = LOCAL(nothing)();
  for (ptrdiff_t t = 0; t < taps; t += LANES) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) whole[v] = LOCAL(load)(line + t + v * LANES, LANES);
    // Behind the block, no more voxels than the taps reach.
    const ptrdiff_t behind = taps - 1 - t;
    whole[vectors] = LOCAL(load)(line + t + vectors * LANES, behind < LANES ? behind : LANES);
#define STEP(shift) \
  if (t + shift < taps) { \
    LOCAL(vector) tap = LOCAL(broadcast)(weights[t + shift]); \
    _Pragma("clang loop unroll(full)") for (int v = 0; v < vectors; v++) { \
      LOCAL(vector) value = \
          v % 2 ? SHIFTED(whole[v], whole[v + 1], shift) : LOCAL(load)(line + t + v * LANES + shift, LANES); \
      sum[v] = __builtin_elementwise_fma(tap, value, sum[v]); \
    } \
  }
    EACH_SHIFT(STEP)
#undef STEP
  }
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++) LOCAL(store)(out + v * LANES, sum[v], LANES, storing);
}
#endif

// Asks for a part of a line that will be needed later.
static inline __attribute__((always_inline)) void LOCAL(ask)(const SCALAR *line, ptrdiff_t voxels) {
  if (!line) return;
  for (ptrdiff_t x = 0; x < voxels; x += (ptrdiff_t)(64 / sizeof(SCALAR))) __builtin_prefetch(line + x);
}

// out[x] = Σₜ weights[t] · line[x + t]. Meanwhile asks for another line of n voxels, if there is one.
static void LOCAL(correlate)(
    SCALAR *out, ptrdiff_t n, const SCALAR *line, chotloops_taps taps, chotloops_storing storing, const SCALAR *later) {
  const SCALAR *weights = taps.weights;
  ptrdiff_t x = 0;
#define BLOCKS(vectors, correlate_one) \
  for (; x + (vectors) * LANES <= n; x += (vectors) * LANES) { \
    LOCAL(ask)(later ? later + x : later, (vectors) * LANES); \
    correlate_one; \
  }
#ifdef EACH_SHIFT
  BLOCKS(8, LOCAL(correlate_wide)(out + x, line + x, weights, taps.count, storing))
#endif
  BLOCKS(4, LOCAL(correlate_block)(out, line, weights, taps.count, x, 4, LANES, storing))
#undef BLOCKS
  // The rest: a last full block, or a last vector, that overlaps the one before computes some voxels again, to the same
  // bits. When results are added to what is there, that would add them twice.
  if (x < n && x > 0 && storing != chotloops_add) {
    LOCAL(correlate_block)(out, line, weights, taps.count, n - 4 * LANES, 4, LANES, storing);
    return;
  }
  for (; x + LANES <= n; x += LANES) LOCAL(correlate_block)(out, line, weights, taps.count, x, 1, LANES, storing);
  if (x < n && x > 0 && storing != chotloops_add)
    LOCAL(correlate_block)(out, line, weights, taps.count, n - LANES, 1, LANES, storing);
  else if (x < n)
    LOCAL(correlate_block)(out, line, weights, taps.count, x, 1, n - x, storing);
}

static inline void LOCAL(extend_line)(void *out, const void *line, const chotloops_extension *extension) {
  SCALAR *to = out;
  const SCALAR *from = line;
  const SCALAR constant = *(const SCALAR *)extension->constant;
  const ptrdiff_t *edge = extension->edges;
  for (ptrdiff_t p = 0; p < extension->head; p++, edge++) *to++ = *edge < 0 ? constant : from[*edge];
  if (extension->copied > 0)
    __builtin_memcpy(to, from + extension->first, (size_t)extension->copied * sizeof(SCALAR));
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
