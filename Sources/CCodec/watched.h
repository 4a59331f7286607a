#pragma once

#include <stddef.h>

// Tells a sanitizer what a library is about to read and write: the libraries carry no instruments themselves, so that
// memory which is gone, or which another thread uses, would go unseen. Nothing in other builds.

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

#if __has_feature(thread_sanitizer)
void __tsan_read_range(void *start, unsigned long count);
void __tsan_write_range(void *start, unsigned long count);
#define WILL_READ(start, count) __tsan_read_range((void *)(start), (count))
#define WILL_WRITE(start, count) __tsan_write_range((void *)(start), (count))
#elif __has_feature(address_sanitizer)
void *__asan_region_is_poisoned(void *start, size_t count);

// Touches the first byte that nobody may touch.
static inline void watch(const void *start, size_t count) {
  const volatile char *bad = count > 0 ? __asan_region_is_poisoned((void *)start, count) : NULL;
  if (bad != NULL) (void)*bad;
}
#define WILL_READ(start, count) watch(start, count)
#define WILL_WRITE(start, count) watch(start, count)
#else
#define WILL_READ(start, count) ((void)0)
#define WILL_WRITE(start, count) ((void)0)
#endif
