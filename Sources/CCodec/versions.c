#include "versions.h"

#include <isa-l.h>
#include <openssl/crypto.h>
#include <zlib.h>
#include <zstd.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *ccodec_zlib_version(void) { return zlibVersion(); }

const char *ccodec_zstd_version(void) { return ZSTD_versionString(); }

const char *ccodec_crypto_version(void) { return OpenSSL_version(OPENSSL_VERSION_STRING); }

const char *ccodec_isal_version(void) {
  return TEXT(ISAL_MAJOR_VERSION) "." TEXT(ISAL_MINOR_VERSION) "." TEXT(ISAL_PATCH_VERSION);
}
