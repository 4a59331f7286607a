#include "include/inflate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

struct ccodec_inflater {
  z_stream stream;
};

ccodec_inflater *ccodec_inflater_new(void) {
  ccodec_inflater *inflater = calloc(1, sizeof *inflater);
  if (inflater == NULL) return NULL;
  // Negative window bits: raw deflate, whose wrapper Swift reads.
  if (inflateInit2(&inflater->stream, -15) != Z_OK) {
    free(inflater);
    return NULL;
  }
  return inflater;
}

void ccodec_inflater_free(ccodec_inflater *inflater) {
  if (inflater == NULL) return;
  inflateEnd(&inflater->stream);
  free(inflater);
}

void ccodec_inflater_reset(ccodec_inflater *inflater) { inflateReset(&inflater->stream); }

// zlib counts in 32 bits; a larger buffer is used piece by piece, which the caller does not notice.
static uInt clipped(size_t count) { return count < UINT_MAX ? (uInt)count : UINT_MAX; }

ccodec_step ccodec_inflate(
    ccodec_inflater *inflater, const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count) {
  z_stream *stream = &inflater->stream;
  stream->next_in = (Bytef *)in;
  stream->avail_in = clipped(in_count);
  stream->next_out = out;
  stream->avail_out = clipped(out_count);
  int result = inflate(stream, Z_NO_FLUSH);
  ccodec_step step = {(size_t)(stream->next_in - in), (size_t)(stream->next_out - out), CCodecOutcomeCorrupt};
  // Z_BUF_ERROR: there was nothing to do, which is no fault of the data.
  if (result == Z_OK || result == Z_BUF_ERROR) step.outcome = CCodecOutcomeMore;
  if (result == Z_STREAM_END) step.outcome = CCodecOutcomeEnd;
  if (result == Z_MEM_ERROR) step.outcome = CCodecOutcomeMemory;
  return step;
}
