#include "include/hashes.h"
#include "watched.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

// The opaque type is libcrypto's context under our name, so there is no second allocation to lose.
static EVP_MD_CTX *context(ccodec_sha256 *hash) { return (EVP_MD_CTX *)hash; }

ccodec_sha256 *ccodec_sha256_new(void) {
  EVP_MD_CTX *fresh = EVP_MD_CTX_new();
  if (fresh == NULL) return NULL;
  if (EVP_DigestInit_ex(fresh, EVP_sha256(), NULL) != 1) {
    EVP_MD_CTX_free(fresh);
    return NULL;
  }
  return (ccodec_sha256 *)fresh;
}

int ccodec_sha256_update(ccodec_sha256 *hash, const void *bytes, size_t count) {
  WILL_READ(bytes, count);
  return EVP_DigestUpdate(context(hash), bytes, count) == 1;
}

int ccodec_sha256_finish(ccodec_sha256 *hash, uint8_t digest[32]) {
  // A NULL type keeps the algorithm: only the state is set back.
  return EVP_DigestFinal_ex(context(hash), digest, NULL) == 1 && EVP_DigestInit_ex(context(hash), NULL, NULL) == 1;
}

void ccodec_sha256_free(ccodec_sha256 *hash) { EVP_MD_CTX_free(context(hash)); }

int ccodec_hmac_sha256(
    const void *key, size_t key_count, const void *message, size_t message_count, uint8_t digest[32]) {
  if (key_count > INT_MAX) return 0;
  // With a NULL key libcrypto would reuse a key of before; an empty key still needs an address.
  const void *some_key = key_count == 0 ? "" : key;
  return HMAC(EVP_sha256(), some_key, (int)key_count, message, message_count, digest, NULL) != NULL;
}
