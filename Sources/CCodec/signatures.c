#include "include/signatures.h"

#include <openssl/err.h>
#include <openssl/evp.h>

int ccodec_ed25519_public(const uint8_t private_key[32], uint8_t public_key[32]) {
  EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private_key, 32);
  size_t count = 32;
  int done = key != NULL && EVP_PKEY_get_raw_public_key(key, public_key, &count) == 1 && count == 32;
  EVP_PKEY_free(key);
  return done;
}

int ccodec_ed25519_sign(const uint8_t private_key[32], const void *message, size_t count, uint8_t signature[64]) {
  EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private_key, 32);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  size_t length = 64;
  int done = key != NULL && context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
             EVP_DigestSign(context, signature, &length, message, count) == 1 && length == 64;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return done;
}

int ccodec_ed25519_verify(
    const uint8_t public_key[32], const void *message, size_t count, const uint8_t signature[64]) {
  EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  int genuine = key != NULL && context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(context, signature, 64, message, count) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  // A forgery leaves an entry in the thread's queue of errors, which nobody reads.
  ERR_clear_error();
  return genuine;
}
