// The loops that look at one voxel at a time, for one instruction set and one scalar.
// The compiler vectorises these by itself.

static void LOCAL(divide)(void *voxels, const void *line, const void *factor, ptrdiff_t n) {
  SCALAR *voxel = voxels;
  const SCALAR *weight = line, across = *(const SCALAR *)factor;
  for (ptrdiff_t x = 0; x < n; x++) voxel[x] = LOCAL(same_nan)(voxel[x] / (weight[x] * across));
}

static void LOCAL(normalise)(void *voxels, const void *weights, ptrdiff_t n, const chotloops_outside *outside) {
  SCALAR *voxel = voxels;
  const SCALAR *weight = weights, *kept = outside->kept;
  const uint8_t *inside = outside->inside;
  const SCALAR minimum = *(const SCALAR *)outside->minimum, gain = *(const SCALAR *)outside->gain;
  const SCALAR fill = *(const SCALAR *)outside->fill;
  for (ptrdiff_t x = 0; x < n; x++) {
    int enough = weight[x] > 0 && weight[x] >= minimum && (!inside || inside[x]);
    voxel[x] = LOCAL(same_nan)(enough ? gain * (voxel[x] / weight[x]) : kept ? kept[x] : fill);
  }
}

static inline int LOCAL(is_finite)(SCALAR value) { return value - value == 0; }

static void LOCAL(present)(
    void *out, void *weights, const void *in, const uint8_t *inside, int finite_only, ptrdiff_t n) {
  const SCALAR *voxel = in;
  SCALAR *value = out, *weight = weights;
  for (ptrdiff_t x = 0; x < n; x++) {
    int counts = (!inside || inside[x]) && (!finite_only || LOCAL(is_finite)(voxel[x]));
    if (value) value[x] = counts ? voxel[x] : 0;
    if (weight) weight[x] = counts ? 1 : 0;
  }
}

static void LOCAL(scale)(void *voxels, const void *slope, const void *intercept, ptrdiff_t n) {
  SCALAR *voxel = voxels;
  const SCALAR factor = *(const SCALAR *)slope, offset = *(const SCALAR *)intercept;
  for (ptrdiff_t x = 0; x < n; x++) voxel[x] = LOCAL(same_nan)(__builtin_elementwise_fma(voxel[x], factor, offset));
}

static void LOCAL(clamp)(void *voxels, const void *lower, const void *upper, ptrdiff_t n) {
  SCALAR *voxel = voxels;
  const SCALAR least = *(const SCALAR *)lower, most = *(const SCALAR *)upper;
  for (ptrdiff_t x = 0; x < n; x++) {
    SCALAR raised = voxel[x] < least ? least : voxel[x];
    voxel[x] = LOCAL(same_nan)(raised > most ? most : raised);
  }
}

static void LOCAL(threshold)(void *voxels, const void *lower, const void *upper, const void *outside, ptrdiff_t n) {
  SCALAR *voxel = voxels;
  const SCALAR least = *(const SCALAR *)lower, most = *(const SCALAR *)upper, value = *(const SCALAR *)outside;
  for (ptrdiff_t x = 0; x < n; x++)
    voxel[x] = LOCAL(same_nan)(voxel[x] < least || voxel[x] > most ? value : voxel[x]);
}

#define COMBINE(operator)                                                                                        \
  for (ptrdiff_t x = 0; x < n; x++) voxel[x] = LOCAL(same_nan)(voxel[x] operator(other ? other[x] : value));     \
  return

static void LOCAL(combine)(
    void *voxels, const void *others, const void *number, chotloops_arithmetic arithmetic, ptrdiff_t n) {
  SCALAR *voxel = voxels;
  const SCALAR *other = others, value = *(const SCALAR *)number;
  switch (arithmetic) {
    case chotloops_sum: COMBINE(+);
    case chotloops_difference: COMBINE(-);
    case chotloops_product: COMBINE(*);
    case chotloops_quotient: COMBINE(/);
  }
}

#undef COMBINE

static ptrdiff_t LOCAL(range)(const void *voxels, ptrdiff_t n, int positive_only, double *least, double *most) {
  const SCALAR *voxel = voxels;
  SCALAR low = (SCALAR)*least, high = (SCALAR)*most;
  ptrdiff_t count = 0;
  for (ptrdiff_t x = 0; x < n; x++) {
    int counts = LOCAL(is_finite)(voxel[x]) && (!positive_only || voxel[x] > 0);
    low = counts && voxel[x] < low ? voxel[x] : low;
    high = counts && voxel[x] > high ? voxel[x] : high;
    count += counts;
  }
  *least = low;
  *most = high;
  return count;
}

static void LOCAL(histogram)(
    const void *voxels, ptrdiff_t n, int positive_only, double factor, double offset, const double *edges,
    ptrdiff_t bins, int64_t *counts) {
  const SCALAR *voxel = voxels;
  for (ptrdiff_t x = 0; x < n; x++) {
    double value = voxel[x];
    if (!LOCAL(is_finite)(voxel[x]) || (positive_only && value <= 0)) continue;
    double place = factor * value + offset;
    ptrdiff_t bin = place >= (double)(bins - 1) ? bins - 1 : place > 0 ? (ptrdiff_t)place : 0;
    while (edges && bin > 0 && value < edges[bin]) bin--;
    while (edges && bin < bins - 1 && value >= edges[bin + 1]) bin++;
    counts[bin]++;
  }
}

static ptrdiff_t LOCAL(count_non_finite)(const void *voxels, ptrdiff_t n) {
  const SCALAR *voxel = voxels;
  ptrdiff_t count = 0;
  for (ptrdiff_t x = 0; x < n; x++) count += !LOCAL(is_finite)(voxel[x]);
  return count;
}
