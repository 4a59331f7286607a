#include "include/deflate.h"
#include "include/inflate.h"
#include "include/mark.h"
#include "watched.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// One stored block (RFC 1951, 3.2.4) holds at most this many bytes and costs five more.
enum { stored_most = 65535, stored_cost = 5 };

struct ccodec_deflater {
  int level;
  struct isal_zstream fast;  // levels 1–3
  uint8_t *fast_tables;
  z_stream thorough;  // levels 4–9
  ccodec_inflater *checker;
  uint8_t *checked;  // a chunk, decoded again
  size_t checked_room;
};

static const uint32_t fast_table_sizes[] = {0, ISAL_DEF_LVL1_DEFAULT, ISAL_DEF_LVL2_DEFAULT, ISAL_DEF_LVL3_DEFAULT};
enum { fast_levels = 3 };

static int prepare(ccodec_deflater *deflater) {
  deflater->checker = ccodec_inflater_new();
  if (deflater->checker == NULL) return 0;
  if (deflater->level <= fast_levels) {
    deflater->fast_tables = malloc(fast_table_sizes[deflater->level]);
    return deflater->fast_tables != NULL;
  }
  // Negative window bits: raw deflate. 8 is zlib's usual memory level.
  return deflateInit2(&deflater->thorough, deflater->level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK;
}

ccodec_deflater *ccodec_deflater_new(int level) {
  if (level < 1 || level > 9) return NULL;
  ccodec_deflater *deflater = calloc(1, sizeof *deflater);
  if (deflater == NULL) return NULL;
  deflater->level = level;
  if (!prepare(deflater)) {
    ccodec_deflater_free(deflater);
    return NULL;
  }
  return deflater;
}

void ccodec_deflater_free(ccodec_deflater *deflater) {
  if (deflater == NULL) return;
  // Refuses a stream that was never set up.
  deflateEnd(&deflater->thorough);
  free(deflater->fast_tables);
  ccodec_inflater_free(deflater->checker);
  free(deflater->checked);
  free(deflater);
}

// A chunk that is stored needs two more blocks for its mark, one that is compressed needs one.
size_t ccodec_deflate_bound(size_t count) { return count + stored_cost * (count / stored_most + 1 + 2); }

static size_t compressed_most(size_t count) { return ccodec_deflate_bound(count) - stored_cost; }

// Each returns 0 when the room was too small. A chunk that fills it exactly counts as too large: it may not be complete.

static size_t deflate_fast(ccodec_deflater *deflater, const uint8_t *bytes, size_t count, int last, uint8_t *out) {
  struct isal_zstream *stream = &deflater->fast;
  size_t room = compressed_most(count);
  // From the very beginning each time, tables included, so that no chunk's bytes depend on what this lane did before.
  isal_deflate_init(stream);
  memset(deflater->fast_tables, 0, fast_table_sizes[deflater->level]);
  stream->level = (uint32_t)deflater->level;
  stream->level_buf = deflater->fast_tables;
  stream->level_buf_size = fast_table_sizes[deflater->level];
  stream->flush = FULL_FLUSH;
  stream->end_of_stream = last != 0;
  stream->next_in = (uint8_t *)bytes;
  stream->avail_in = (uint32_t)count;
  stream->next_out = out;
  stream->avail_out = (uint32_t)room;
  int result = isal_deflate(stream);
  int complete = result == COMP_OK && stream->avail_in == 0 && (!last || stream->internal_state.state == ZSTATE_END);
  return complete && stream->avail_out > 0 ? room - stream->avail_out : 0;
}

static size_t deflate_thoroughly(
    ccodec_deflater *deflater, const uint8_t *bytes, size_t count, int last, uint8_t *out) {
  z_stream *stream = &deflater->thorough;
  size_t room = compressed_most(count);
  if (deflateReset(stream) != Z_OK) return 0;
  stream->next_in = (Bytef *)bytes;
  stream->avail_in = (uInt)count;
  stream->next_out = out;
  stream->avail_out = (uInt)room;
  int result = deflate(stream, last ? Z_FINISH : Z_FULL_FLUSH);
  int complete = last ? result == Z_STREAM_END : result == Z_OK && stream->avail_in == 0;
  return complete && stream->avail_out > 0 ? room - stream->avail_out : 0;
}

// Returns where the next block goes.
static uint8_t *store_block(const uint8_t *bytes, size_t count, int final, uint8_t *out) {
  *out++ = final != 0;
  *out++ = (uint8_t)count;
  *out++ = (uint8_t)(count >> 8);
  *out++ = (uint8_t)~count;
  *out++ = (uint8_t)(~count >> 8);
  if (count > 0) memcpy(out, bytes, count);
  return out + count;
}

// Always fits: the bound is made for it.
static size_t store(const uint8_t *bytes, size_t count, int last, uint8_t *out) {
  uint8_t *next = out;
  do {
    size_t length = count < stored_most ? count : stored_most;
    next = store_block(bytes, length, last && length == count, next);
    bytes += length;
    count -= length;
  } while (count > 0);
  // Two empty blocks are the mark and the byte before it.
  if (!last) next = store_block(NULL, 0, 0, store_block(NULL, 0, 0, next));
  return (size_t)(next - out);
}

// A full flush ends with an empty block, and one more makes the mark. Returns 0 when the flush has done otherwise.
static size_t mark(uint8_t *out, size_t written) {
  size_t count = (size_t)(store_block(NULL, 0, 0, out + written) - out);
  if (count < ccodec_mark_count) return 0;
  return memcmp(out + count - ccodec_mark_count, ccodec_mark, ccodec_mark_count) == 0 ? count : 0;
}

// Whether what was compressed decodes to the same bytes. Without memory to find out it does not.
static int decodes_again(
    ccodec_deflater *deflater, const uint8_t *bytes, size_t count, int last, const uint8_t *out, size_t written) {
  if (deflater->checked_room < count) {
    free(deflater->checked);
    deflater->checked = malloc(count);
    deflater->checked_room = deflater->checked != NULL ? count : 0;
  }
  if (deflater->checked_room < count) return 0;
  return ccodec_inflate_span(deflater->checker, out, written, last, deflater->checked, count) == written
      && (count == 0 || memcmp(deflater->checked, bytes, count) == 0);
}

size_t ccodec_deflate_chunk(
    ccodec_deflater *deflater, const uint8_t *bytes, size_t count, int last, uint8_t *out) {
  WILL_READ(bytes, count);
  WILL_WRITE(out, ccodec_deflate_bound(count));
  size_t written = 0;
  // The libraries count in 32 bits.
  if (ccodec_deflate_bound(count) <= UINT_MAX) {
    written = deflater->level <= fast_levels ? deflate_fast(deflater, bytes, count, last, out)
                                             : deflate_thoroughly(deflater, bytes, count, last, out);
  }
  if (written > 0 && !last) written = mark(out, written);
  int sound = written > 0 && decodes_again(deflater, bytes, count, last, out, written);
  return sound ? written : store(bytes, count, last, out);
}

uint32_t ccodec_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
  WILL_READ(bytes, count);
  return crc32_gzip_refl(crc, bytes, count);
}

uint32_t ccodec_crc32_combine(uint32_t first, uint32_t second, size_t second_count) {
  return (uint32_t)crc32_combine(first, second, (z_off_t)second_count);
}
