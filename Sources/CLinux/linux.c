#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

int clinux_open_beneath(int dirfd, const char *path, int flags, unsigned mode, int follow_links) {
  struct open_how how;
  memset(&how, 0, sizeof how);
  how.flags = (unsigned long long)(flags | O_CLOEXEC);
  how.mode = (flags & O_CREAT) ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | (follow_links ? 0 : RESOLVE_NO_SYMLINKS);
  return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
}

int clinux_open(int dirfd, const char *path, int flags, unsigned mode) {
  return openat(dirfd, path, flags | O_CLOEXEC, mode);
}

int clinux_rename_no_replace(int from_dirfd, const char *from, int to_dirfd, const char *to) {
  return renameat2(from_dirfd, from, to_dirfd, to, RENAME_NOREPLACE);
}

long long clinux_birth_time(int fd) {
  struct statx facts;
  memset(&facts, 0, sizeof facts);
  if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &facts) != 0 || !(facts.stx_mask & STATX_BTIME)) return 0;
  return facts.stx_btime.tv_sec * 1000000000LL + facts.stx_btime.tv_nsec;
}

int clinux_processors_allowed(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : -1;
}

void clinux_syslog_notice(const char *text) {
  openlog("medfilter", LOG_PID, LOG_DAEMON);
  syslog(LOG_NOTICE, "%s", text);
  closelog();
}

int clinux_forbid_core_dumps(void) {
  // The limit alone does not stop a collector behind a pipe in core_pattern.
  const struct rlimit none = {0, 0};
  return setrlimit(RLIMIT_CORE, &none) == 0 ? prctl(PR_SET_DUMPABLE, 0) : -1;
}

void clinux_use_one_arena(void) { mallopt(M_ARENA_MAX, 1); }

static void *wait_for(void *lock) {
  pthread_mutex_lock(lock);
  pthread_mutex_unlock(lock);
  return NULL;
}

int clinux_threads_to_be_had(int wanted) {
  pthread_t *threads = calloc(wanted > 0 ? (size_t)wanted : 1, sizeof *threads);
  pthread_attr_t small;
  if (threads == NULL || pthread_attr_init(&small) != 0) return free(threads), 0;
  // Stacks are another limit's matter.
  pthread_attr_setstacksize(&small, 64 << 10);
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&lock);
  int made = 0;
  while (made < wanted && pthread_create(&threads[made], &small, wait_for, &lock) == 0) made++;
  pthread_mutex_unlock(&lock);
  for (int index = 0; index < made; index++) pthread_join(threads[index], NULL);
  pthread_mutex_destroy(&lock);
  pthread_attr_destroy(&small);
  free(threads);
  return made;
}

void clinux_begin_writing_pages(int descriptor) {
  // Unlike fsync it neither writes the inode nor flushes the disk's own cache, so it costs nothing where nothing waits.
  (void)sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE);
}
