#ifndef CCODEC_INFLATE_H
#define CCODEC_INFLATE_H

#include <stdint.h>

#include "step.h"

/// Decodes raw deflate streams (RFC 1951) one after another.
typedef struct ccodec_inflater ccodec_inflater;

/// NULL when there is no memory.
ccodec_inflater *ccodec_inflater_new(void);
void ccodec_inflater_free(ccodec_inflater *inflater);

/// Begins a new stream.
void ccodec_inflater_reset(ccodec_inflater *inflater);

enum {
  /// How far `consumed` may go back at the end of a stream: bytes of earlier steps that turn out to lie behind it.
  ccodec_inflate_returns = 8
};

/// Decodes some of `in` into `out`. At the end of the stream `consumed` leads exactly to what follows it.
ccodec_step ccodec_inflate(
    ccodec_inflater *inflater, const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count);

/// Decodes a part of a stream that must stand alone: it begins between two blocks, on a whole byte, refers to nothing
/// before it, gives exactly `out_count` bytes and uses exactly `in_count`. It ends between two blocks and on a whole byte
/// again, or, with `last`, where the stream ends; then bytes may follow it.
///
/// Returns the bytes it used when all of that holds: then whoever decodes the stream from its beginning gets the same
/// bytes here. With 0 `out` holds nothing of use.
size_t ccodec_inflate_span(
    ccodec_inflater *inflater, const uint8_t *in, size_t in_count, int last, uint8_t *out, size_t out_count);

/// Begins in the middle of a stream, between two blocks, with the decoded bytes `before` it; the last 32 KiB of them are
/// enough. Returns 0 when the library refuses.
int ccodec_inflater_resume(ccodec_inflater *inflater, const uint8_t *before, size_t count);

#endif
