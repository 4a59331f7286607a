#ifndef CCODEC_DEFLATE_H
#define CCODEC_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/// Compresses chunks of one raw deflate stream (RFC 1951); each refers to nothing before it, so lanes can share them out.
typedef struct ccodec_deflater ccodec_deflater;

/// Levels 1–3 are ISA-L's, 4–9 zlib's. NULL when there is no memory or no such level.
ccodec_deflater *ccodec_deflater_new(int level);
void ccodec_deflater_free(ccodec_deflater *deflater);

/// The bytes that a chunk of `count` bytes never exceeds: what it takes to store and to mark it.
size_t ccodec_deflate_bound(size_t count);

/// Compresses one chunk into `out`, which has room for `ccodec_deflate_bound(count)` bytes; returns the bytes written.
/// Chunks end on a whole byte and with a mark; the `last` one ends the stream instead, and may be empty.
///
/// What was compressed is decoded again and compared. A chunk that does not come back, or that compression does not make
/// smaller, is stored as it is.
size_t ccodec_deflate_chunk(
    ccodec_deflater *deflater, const uint8_t *bytes, size_t count, int last, uint8_t *out);

/// The CRC-32 of gzip, going on from `crc` (0 to begin).
uint32_t ccodec_crc32(uint32_t crc, const uint8_t *bytes, size_t count);

/// The CRC-32 of two pieces one after the other, from their own; `second_count` is the length of the second.
uint32_t ccodec_crc32_combine(uint32_t first, uint32_t second, size_t second_count);

#endif
