// For memmem.
#define _GNU_SOURCE
#include "include/mark.h"
#include "watched.h"

#include <string.h>

const uint8_t ccodec_mark[ccodec_mark_count] = {0, 0, 0xff, 0xff, 0, 0, 0, 0xff, 0xff};

size_t ccodec_marked(const uint8_t *bytes, size_t count) {
  WILL_READ(bytes, count);
  const uint8_t *found = memmem(bytes, count, ccodec_mark, ccodec_mark_count);
  return found != NULL ? (size_t)(found - bytes) + ccodec_mark_count : 0;
}
