#ifndef CCODEC_HASHES_H
#define CCODEC_HASHES_H

#include <stddef.h>
#include <stdint.h>

/// A SHA-256 computation under way (libcrypto, which uses the CPU's SHA instructions where there are some).
typedef struct ccodec_sha256 ccodec_sha256;

/// A fresh computation, or NULL when there is no memory or libcrypto has no SHA-256.
ccodec_sha256 *ccodec_sha256_new(void);

/// Both return 0 when libcrypto failed; with a computation from `_new` it has no reason to.
int ccodec_sha256_update(ccodec_sha256 *hash, const void *bytes, size_t count);

/// Writes the 32 bytes and starts afresh.
int ccodec_sha256_finish(ccodec_sha256 *hash, uint8_t digest[32]);

void ccodec_sha256_free(ccodec_sha256 *hash);

/// HMAC-SHA256 of one message (RFC 2104). Returns 0 when libcrypto failed.
int ccodec_hmac_sha256(
    const void *key, size_t key_count, const void *message, size_t message_count, uint8_t digest[32]);

#endif
