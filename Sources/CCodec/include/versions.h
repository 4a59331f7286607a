#ifndef CCODEC_VERSIONS_H
#define CCODEC_VERSIONS_H

// The versions of the libraries as loaded, for the log; constant strings.

const char *ccodec_zlib_version(void);
const char *ccodec_zstd_version(void);
const char *ccodec_crypto_version(void);
/// ISA-L cannot be asked at run time: the version that was compiled against.
const char *ccodec_isal_version(void);

#endif
