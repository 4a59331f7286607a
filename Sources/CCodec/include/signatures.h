#ifndef CCODEC_SIGNATURES_H
#define CCODEC_SIGNATURES_H

#include <stddef.h>
#include <stdint.h>

// Ed25519 (RFC 8032) by libcrypto, with keys as their 32 bytes. Every call returns 1 when it did what it says, else 0.

/// The public key that belongs to a private one.
int ccodec_ed25519_public(const uint8_t private_key[32], uint8_t public_key[32]);

/// The same key and message always give the same signature.
int ccodec_ed25519_sign(const uint8_t private_key[32], const void *message, size_t count, uint8_t signature[64]);

/// 1 only for a signature of this message by this key.
int ccodec_ed25519_verify(
    const uint8_t public_key[32], const void *message, size_t count, const uint8_t signature[64]);

#endif
