// Compiles the bodies for one scalar and one instruction set and fills its tables. Included twice by each variant_*.c
// with SCALAR, SUFFIX, VECTOR_BYTES, BLOCK_LINES, BLOCK_VECTORS, DENSE_LINES, DENSE_VECTORS, STREAMED, LOAD_PART and
// STORE_PART defined, of which the ones that depend on the scalar are taken back at the end.

#define JOIN_NAMES(a, b) a##_##b
#define JOIN(a, b) JOIN_NAMES(a, b)
#define LOCAL(name) JOIN(name, SUFFIX)
#define LANES ((ptrdiff_t)(VECTOR_BYTES / sizeof(SCALAR)))

#include "vectors_body.h"
#include "along_body.h"
#include "across_body.h"
#include "dense_body.h"
#include "voxels_body.h"
#include "conversion_body.h"
#include "rank_body.h"

static const chotloops_lines LOCAL(table) = {
    .along = LOCAL(along),
    .across = LOCAL(across),
    .dense = LOCAL(dense),
    .extend = LOCAL(extend),
    .divide = LOCAL(divide),
    .normalise = LOCAL(normalise),
    .present = LOCAL(present),
    .scale = LOCAL(scale),
    .clamp = LOCAL(clamp),
    .threshold = LOCAL(threshold),
    .combine = LOCAL(combine),
    .range = LOCAL(range),
    .histogram = LOCAL(histogram),
    .count_non_finite = LOCAL(count_non_finite),
};
static const chotloops_ranks LOCAL(ranks) = {
    .select = LOCAL(select),
    .mark = LOCAL(mark),
    .settle = LOCAL(settle),
    .absent = LOCAL(absent),
};
static const chotloops_conversion LOCAL(conversion) = {.decode = LOCAL(decode), .encode = LOCAL(encode)};

#undef LANES
#undef LOCAL
#undef JOIN
#undef JOIN_NAMES
#undef SCALAR
#undef SUFFIX
#undef SHIFTED
#undef EACH_SHIFT
#undef LOAD_PART
#undef STORE_PART
