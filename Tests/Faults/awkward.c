// Preloaded into the program: system calls that do less than asked, are interrupted, or lose their answer. strace cannot
// do this, because it can only leave a call out or let it be.
//
// AWKWARD is short (at most 4,097 bytes per write, 7 per read), interrupted (every other call is EINTR),
// answers (renames are done, and reported as failed), clock:SECONDS (the wall clock is off, from the fifth look on),
// threadless (no thread but the first), crawling (files are read at 5 MB/s), slow (the disk takes 5 ms to sync) or unsynced (nothing waits for the disk: what
// waiting costs).
// The number of calls that were not as they should be goes into the file that AWKWARD_TOLD names.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static atomic_int calls, bent;

static int is(const char *kind) {
  const char *asked = getenv("AWKWARD");
  return asked && strncmp(asked, kind, strlen(kind)) == 0;
}

// Whether this call is to fail; the next one will not.
static int interrupts(void) {
  if (!is("interrupted") || atomic_fetch_add(&calls, 1) % 2) return 0;
  atomic_fetch_add(&bent, 1);
  errno = EINTR;
  return 1;
}

static size_t at_most(size_t count, size_t limit) {
  if (!is("short") || count <= limit) return count;
  atomic_fetch_add(&bent, 1);
  return limit;
}

__attribute__((destructor)) static void tell(void) {
  const char *place = getenv("AWKWARD_TOLD");
  FILE *file = place ? fopen(place, "w") : NULL;
  if (!file) return;
  fprintf(file, "%d", bent);
  fclose(file);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// As a disk that gives 5 MB/s.
static ssize_t crawl(ssize_t count) {
  if (count <= 0 || !is("crawling")) return count;
  atomic_fetch_add(&bent, 1);
  struct timespec wait = {count / 5000000, count % 5000000 * 200}, left;
  while (nanosleep(&wait, &left) != 0) wait = left;
  return count;
}

ssize_t write(int file, const void *bytes, size_t count) {
  return interrupts() ? -1 : REAL(write)(file, bytes, at_most(count, 4097));
}

ssize_t read(int file, void *bytes, size_t count) {
  return interrupts() ? -1 : crawl(REAL(read)(file, bytes, at_most(count, 7)));
}

ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
  return interrupts() ? -1 : crawl(REAL(pread)(file, bytes, at_most(count, 7), offset));
}

static void nap(void) {
  if (!is("slow")) return;
  atomic_fetch_add(&bent, 1);
  usleep(5000);
}

int fsync(int file) {
  nap();
  return is("unsynced") ? 0 : interrupts() ? -1 : REAL(fsync)(file);
}

int fdatasync(int file) {
  nap();
  return is("unsynced") ? 0 : interrupts() ? -1 : REAL(fdatasync)(file);
}

// As a network file system that does the work, loses the answer, and asks again.
static int lose_answer(int result, int code) {
  if (result != 0 || !is("answers")) return result;
  atomic_fetch_add(&bent, 1);
  errno = code;
  return -1;
}

int renameat(int from, const char *name, int to, const char *final) {
  return lose_answer(REAL(renameat)(from, name, to, final), ENOENT);
}

int renameat2(int from, const char *name, int to, const char *final, unsigned flags) {
  return lose_answer(REAL(renameat2)(from, name, to, final, flags), EEXIST);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = REAL(clock_gettime)(clock, now);
  if (clock == CLOCK_REALTIME && is("clock:") && atomic_fetch_add(&calls, 1) >= 4) {
    atomic_fetch_add(&bent, 1);
    now->tv_sec += atoll(getenv("AWKWARD") + 6);
  }
  return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *given) {
  if (!is("threadless")) return REAL(pthread_create)(thread, attributes, work, given);
  atomic_fetch_add(&bent, 1);
  return EAGAIN;
}
