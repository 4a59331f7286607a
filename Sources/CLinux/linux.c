#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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
