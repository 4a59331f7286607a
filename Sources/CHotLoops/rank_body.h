// Rank filters, for one instruction set and one scalar. Included by variant.h after vectors_body.h.

// Voxels as integers of the same order. The two largest ones are marks: absent because outside the mask, and absent.
typedef __typeof__(((LOCAL(vector)){0}) < ((LOCAL(vector)){0})) LOCAL(keys);
#define KEY __typeof__(((LOCAL(keys)){0})[0])
#define KEY_BITS ((int)(8 * sizeof(SCALAR)))
#define LARGEST_KEY ((KEY)(((uint64_t)1 << (KEY_BITS - 1)) - 1))
#define SIGN_KEY (-LARGEST_KEY - 1)

static inline __attribute__((always_inline)) LOCAL(vector) LOCAL(chosen)(
    LOCAL(keys) where, LOCAL(vector) value, LOCAL(vector) other) {
  return (LOCAL(vector))(((LOCAL(keys))value & where) | ((LOCAL(keys))other & ~where));
}

// What one exchange does to `n` voxels. Results may stand in the registers of operands, hence loads before stores.
static inline __attribute__((always_inline)) void LOCAL(exchange)(
    const SCALAR *a, const SCALAR *b, SCALAR *least, SCALAR *most, ptrdiff_t n, chotloops_kept kept) {
#pragma clang loop unroll_count(2)
  for (ptrdiff_t x = 0; x < n; x += LANES) {
    LOCAL(vector) first = LOCAL(load)(a + x, LANES), second = LOCAL(load)(b + x, LANES);
    // Written as a choice of bits, which compilers make one instruction of; of lanes they make as many as there are.
    LOCAL(keys) below = first < second, above = second > first;
    LOCAL(vector) smaller = LOCAL(chosen)(below, first, second), larger = LOCAL(chosen)(above, second, first);
    if (kept != chotloops_most) __builtin_memcpy(least + x, &smaller, sizeof smaller);
    if (kept != chotloops_least) __builtin_memcpy(most + x, &larger, sizeof larger);
  }
}

static void LOCAL(run_network)(const chotloops_rank *rank, const void *const *places, ptrdiff_t n) {
  for (ptrdiff_t step = 0; step < rank->exchange_count; step++) {
    const chotloops_exchange *now = rank->exchanges + step;
    const SCALAR *a = (const SCALAR *)places[now->a] + now->a_shift;
    const SCALAR *b = (const SCALAR *)places[now->b] + now->b_shift;
    SCALAR *least = (SCALAR *)places[now->least], *most = (SCALAR *)places[now->most];
    const ptrdiff_t count = n + now->reach;
    if (now->kept == chotloops_both) LOCAL(exchange)(a, b, least, most, count, chotloops_both);
    else if (now->kept == chotloops_least) LOCAL(exchange)(a, b, least, most, count, chotloops_least);
    else LOCAL(exchange)(a, b, least, most, count, chotloops_most);
  }
}

// Zero becomes +0 by the addition.
static void LOCAL(store_selected)(SCALAR *out, const SCALAR *from, ptrdiff_t n) {
  for (ptrdiff_t x = 0; x < n; x += LANES) {
    const ptrdiff_t lanes = n - x < LANES ? n - x : LANES;
    LOCAL(store)(out + x, LOCAL(load)(from + x, LANES) + (SCALAR)0, lanes, chotloops_replace);
  }
}

static inline int LOCAL(any)(LOCAL(keys) set) {
  KEY all = 0;
  for (int lane = 0; lane < LANES; lane++) all |= set[lane];
  return all != 0;
}

static int LOCAL(has_nan)(const void *const *lines, ptrdiff_t count, ptrdiff_t n) {
  LOCAL(keys) found = {0};
  for (ptrdiff_t line = 0; line < count; line++) {
    const SCALAR *from = lines[line];
    for (ptrdiff_t x = 0; x < n; x += LANES) {
      LOCAL(vector) value = LOCAL(load)(from + x, LANES);
      found |= value != value;
    }
  }
  return LOCAL(any)(found);
}

// The lines that an output line meets, from voxel x on.
typedef struct {
  const chotloops_line *lines;
  ptrdiff_t per_slice;
  ptrdiff_t x;
} LOCAL(window);

static inline __attribute__((always_inline)) LOCAL(vector) LOCAL(voxels_at)(
    const LOCAL(window) *window, chotloops_offset offset) {
  const SCALAR *line = window->lines[offset.slice * window->per_slice + offset.line];
  return LOCAL(load)(line + window->x + offset.shift, LANES);
}

// An involution: bits to keys, and keys to bits.
static inline LOCAL(keys) LOCAL(reordered)(LOCAL(keys) bits) {
  return bits ^ ((bits >> (KEY_BITS - 1)) & LARGEST_KEY);
}

// Which lanes meet a NaN or an absent voxel.
static LOCAL(keys) LOCAL(nan_near)(const LOCAL(window) *window, const chotloops_rank *rank) {
  LOCAL(keys) found = {0};
  for (ptrdiff_t o = 0; o < rank->offset_count; o++) {
    LOCAL(vector) value = LOCAL(voxels_at)(window, rank->offsets[o]);
    found |= value != value;
  }
  return found;
}

// What a search needs to know beforehand.
typedef struct {
  LOCAL(keys) least;      // of the keys
  LOCAL(keys) present;    // how many
  LOCAL(keys) not_number; // whether a NaN is there
  KEY differing;          // the bits in which present voxels differ
} LOCAL(survey);

static LOCAL(survey) LOCAL(collect)(
    const LOCAL(window) *window, const chotloops_rank *rank, LOCAL(keys) *keys) {
  const KEY infinite = LOCAL(reordered)((LOCAL(keys))LOCAL(broadcast)((SCALAR)__builtin_inf()))[0];
  LOCAL(survey) survey = {.least = LARGEST_KEY - (LOCAL(keys)){0}};
  for (ptrdiff_t o = 0; o < rank->offset_count; o++) {
    LOCAL(keys) bits = (LOCAL(keys))LOCAL(voxels_at)(window, rank->offsets[o]);
    bits &= ~(bits == SIGN_KEY);  // −0 becomes +0
    LOCAL(keys) key = LOCAL(reordered)(bits);
    LOCAL(keys) absent = rank->may_be_absent ? key >= LARGEST_KEY - 1 : (LOCAL(keys)){0};
    key |= absent & LARGEST_KEY;
    keys[o] = key;
    LOCAL(keys) smaller = key < survey.least;
    survey.least = (key & smaller) | (survey.least & ~smaller);
    survey.present -= ~absent;
    survey.not_number |= ((key > infinite) | (key < -infinite - 1)) & ~absent;
  }
  LOCAL(keys) differing = {0};
  for (ptrdiff_t o = 0; o < rank->offset_count; o++)
    differing |= (keys[o] ^ survey.least) & ~(keys[o] == LARGEST_KEY);
  for (int lane = 0; lane < LANES; lane++) survey.differing |= differing[lane];
  return survey;
}

// The key with `rank` smaller ones, bit after bit from the highest: a bit is set if no more than `rank` keys are below
// what it makes. Bits in which no voxels differ are known. Absent voxels are above everything.
static LOCAL(keys) LOCAL(search)(
    const LOCAL(keys) *keys, ptrdiff_t count, LOCAL(keys) rank, const LOCAL(survey) *survey) {
  LOCAL(keys) found = {0};
  for (int bit = KEY_BITS - 1; bit >= 0; bit--) {
    const KEY mask = (KEY)((uint64_t)1 << bit);
    if (!(survey->differing & mask)) {
      found |= (survey->least ^ SIGN_KEY) & mask;
      continue;
    }
    LOCAL(keys) candidate = (found | mask) ^ SIGN_KEY, below = {0}, more = {0};
    ptrdiff_t o = 0;
    for (; o + 1 < count; o += 2) {
      below -= keys[o] < candidate;
      more -= keys[o + 1] < candidate;
    }
    if (o < count) below -= keys[o] < candidate;
    found |= (below + more <= rank) & mask;
  }
  return found ^ SIGN_KEY;
}

// One vector of results, by search.
static LOCAL(vector) LOCAL(searched)(
    const LOCAL(window) *window, const chotloops_rank *rank, LOCAL(keys) *keys) {
  LOCAL(survey) survey = LOCAL(collect)(window, rank, keys);
  LOCAL(keys) wanted;
  for (int lane = 0; lane < LANES; lane++) wanted[lane] = rank->ranks[survey.present[lane]];
  LOCAL(keys) bits = LOCAL(reordered)(LOCAL(search)(keys, rank->offset_count, wanted, &survey));
  LOCAL(keys) none = survey.not_number | (survey.present == 0);
  LOCAL(keys) nan = (LOCAL(keys))LOCAL(broadcast)((SCALAR)__builtin_nan(""));
  return (LOCAL(vector))((bits & ~none) | (nan & none));
}

// Whether all of the lanes are outside the mask, so that nobody asks for results.
static int LOCAL(all_outside)(const LOCAL(window) *window, const chotloops_rank *rank) {
  LOCAL(keys) centre = (LOCAL(keys))LOCAL(voxels_at)(window, rank->centre);
  return !LOCAL(any)(centre != LARGEST_KEY);
}

// Replaces the results of a line that the network, which knows neither NaN nor absent voxels, got wrong.
static void LOCAL(repair)(
    SCALAR *out, LOCAL(window) window, ptrdiff_t n, const chotloops_rank *rank, LOCAL(keys) *keys) {
  for (const ptrdiff_t end = window.x + n; window.x < end; window.x += LANES, out += LANES) {
    const ptrdiff_t lanes = end - window.x < LANES ? end - window.x : LANES;
    if (rank->may_be_absent && LOCAL(all_outside)(&window, rank)) continue;
    LOCAL(keys) near = {0};
    if (!rank->searches && !LOCAL(any)(near = LOCAL(nan_near)(&window, rank))) continue;
    LOCAL(vector) result;
    if (rank->may_be_absent || rank->searches) {
      result = LOCAL(searched)(&window, rank, keys);
    } else {
      LOCAL(keys) bits = (LOCAL(keys))LOCAL(load)(out, lanes);
      result = (LOCAL(vector))(bits | near);  // all bits are those of a NaN
    }
    LOCAL(store)(out, result, lanes, chotloops_replace);
  }
}

// The inputs of a block of output lines from voxel x on. Lines behind the last one are stood in for by the last.
static void LOCAL(aim)(
    const void **places, const chotloops_line *lines, ptrdiff_t per_slice, ptrdiff_t o, ptrdiff_t x,
    const chotloops_rank *rank) {
  const ptrdiff_t height = rank->outputs + rank->j - 1;
  for (ptrdiff_t slice = 0; slice < rank->k; slice++)
    for (ptrdiff_t line = 0; line < height; line++) {
      const ptrdiff_t which = o + line < per_slice ? o + line : per_slice - 1;
      *places++ = (const SCALAR *)lines[slice * per_slice + which] + x;
    }
}

static void LOCAL(select)(
    void *out, ptrdiff_t out_stride, ptrdiff_t out_count, const chotloops_line *lines, ptrdiff_t n,
    const chotloops_rank *rank, const chotloops_rank_scratch *scratch) {
  const ptrdiff_t per_slice = out_count + rank->j - 1, inputs = (rank->outputs + rank->j - 1) * rank->k;
  for (ptrdiff_t o = 0; o < out_count; o += rank->outputs) {
    const ptrdiff_t height = out_count - o < rank->outputs ? out_count - o : rank->outputs;
    for (ptrdiff_t x = 0; x < n; x += scratch->segment) {
      const ptrdiff_t length = n - x < scratch->segment ? n - x : scratch->segment;
      SCALAR *to = (SCALAR *)out + o * out_stride + x;
      LOCAL(aim)(scratch->places, lines, per_slice, o, x, rank);
      if (!rank->searches) LOCAL(run_network)(rank, scratch->places, length);
      for (ptrdiff_t y = 0; y < height && !rank->searches; y++) {
        const chotloops_selected selected = rank->selected[y];
        LOCAL(store_selected)(
            to + y * out_stride, (const SCALAR *)scratch->places[selected.place] + selected.shift, length);
      }
      if (!rank->searches && !LOCAL(has_nan)(scratch->places, inputs, length + rank->i - 1)) continue;
      for (ptrdiff_t y = 0; y < height; y++)
        LOCAL(repair)(
            to + y * out_stride, (LOCAL(window)){lines + o + y, per_slice, x}, length, rank, scratch->keys);
    }
  }
}

static void LOCAL(mark)(void *out, const void *in, const uint8_t *inside, int finite_only, ptrdiff_t n) {
  const SCALAR *from = in;
  SCALAR *to = out;
  for (ptrdiff_t x = 0; x < n; x++) {
    const SCALAR value = LOCAL(same_nan)(from[x]);
    KEY bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    if (finite_only && !LOCAL(is_finite)(value)) bits = LARGEST_KEY - 1;
    if (inside && !inside[x]) bits = LARGEST_KEY;
    __builtin_memcpy(to + x, &bits, sizeof bits);
  }
}

static void LOCAL(settle)(void *voxels, const uint8_t *inside, const void *kept, const void *fill, ptrdiff_t n) {
  SCALAR *voxel = voxels;
  const SCALAR *before = kept, value = *(const SCALAR *)fill;
  for (ptrdiff_t x = 0; x < n; x++)
    if (!inside[x]) voxel[x] = LOCAL(same_nan)(before ? before[x] : value);
}

static void LOCAL(absent)(void *out, ptrdiff_t n) {
  const KEY bits = LARGEST_KEY;
  for (ptrdiff_t x = 0; x < n; x++) __builtin_memcpy((SCALAR *)out + x, &bits, sizeof bits);
}

#undef KEY
#undef KEY_BITS
#undef LARGEST_KEY
#undef SIGN_KEY
