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

#endif
