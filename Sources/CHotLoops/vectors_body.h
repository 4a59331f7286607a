// Vectors of voxels, for one instruction set and one scalar. Included by variant.h before the passes, with:
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

// The sum that no addition changes: fma(t, x, −0) is t · x, rounded once, with its own sign even if it is zero.
static inline __attribute__((always_inline)) LOCAL(vector) LOCAL(nothing)(void) {
  return LOCAL(broadcast)((SCALAR)-0.0);
}
