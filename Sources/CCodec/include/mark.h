#ifndef CCODEC_MARK_H
#define CCODEC_MARK_H

#include <stddef.h>
#include <stdint.h>

enum {
  /// The bytes of a mark: an empty stored block (RFC 1951, 3.2.4) but for its first byte, which it may share with the
  /// block before, and a whole one. Nobody else has a reason to put two of them side by side, and by chance the bytes come
  /// up once in 2^72.
  ccodec_mark_count = 9
};

/// Ends every chunk but the last.
extern const uint8_t ccodec_mark[ccodec_mark_count];

/// The bytes up to the end of the first mark, which is one of them; 0 when there is none.
size_t ccodec_marked(const uint8_t *bytes, size_t count);

#endif
