#ifndef CCODEC_ZSTANDARD_H
#define CCODEC_ZSTANDARD_H

#include <stdint.h>

#include "step.h"

/// Compresses one Zstandard frame with a checksum and, when known, the content's size.
typedef struct ccodec_zstd_encoder ccodec_zstd_encoder;

/// - workers: threads, at least 1. Never 0: then the bytes would differ from those of 1, 2, 3, … threads.
/// - size: bytes that will come, or UINT64_MAX when unknown.
/// NULL when there is no memory or a parameter is refused.
ccodec_zstd_encoder *ccodec_zstd_encoder_new(int level, int workers, uint64_t size);
/// The memory that such an encoder takes at most, from what libzstd 1.5 does; tables that its matcher does not come to
/// are not counted out.
uint64_t ccodec_zstd_encoder_bytes(int level, int workers, uint64_t size);
void ccodec_zstd_encoder_free(ccodec_zstd_encoder *encoder);

/// Takes some of `in` and writes some output. With `end` (and no more input) it ends the frame: call until the outcome
/// is End.
ccodec_step ccodec_zstd_encode(
    ccodec_zstd_encoder *encoder, const uint8_t *in, size_t in_count, int end, uint8_t *out, size_t out_count);

/// Decodes Zstandard frames one after another.
typedef struct ccodec_zstd_decoder ccodec_zstd_decoder;

/// Frames whose window is larger than 2^`window_log` bytes are refused. NULL when there is no memory.
ccodec_zstd_decoder *ccodec_zstd_decoder_new(int window_log);
void ccodec_zstd_decoder_free(ccodec_zstd_decoder *decoder);

/// Begins a new frame.
void ccodec_zstd_decoder_reset(ccodec_zstd_decoder *decoder);

/// Decodes some of `in` into `out`. At the end of the frame `consumed` is exact.
ccodec_step ccodec_zstd_decode(
    ccodec_zstd_decoder *decoder, const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count);

#endif
