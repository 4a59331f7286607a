#ifndef CLINUX_H
#define CLINUX_H

// System calls that Swift cannot reach: glibc has no wrapper for openat2, and variadic functions are not imported.
// Each returns what the system call returns: -1 with errno set on failure.

/// Opens `path` beneath `dirfd`; `..`, absolute paths and magic links never lead out (RESOLVE_BENEATH).
/// With `follow_links` 0 a symbolic link anywhere in the path is refused with ELOOP.
int clinux_open_beneath(int dirfd, const char *path, int flags, unsigned mode, int follow_links);

/// Opens `path` as openat does, for callers that chose to follow links out of the root.
int clinux_open(int dirfd, const char *path, int flags, unsigned mode);

/// renameat2 with RENAME_NOREPLACE: fails with EEXIST instead of replacing.
int clinux_rename_no_replace(int from_dirfd, const char *from, int to_dirfd, const char *to);

/// When an open file or folder was created, in nanoseconds since 1970; 0 where the file system does not say.
long long clinux_birth_time(int fd);

/// The number of processors that this process may run on, or -1 with errno set. Here because CPU sets are macros.
int clinux_processors_allowed(void);

/// One line to the system's log, under this program's name. Nobody hears of it when there is no system log.
void clinux_syslog_notice(const char *text);

/// No core dump of this process from now on, to a file or to a collector, and no look into its memory by other processes
/// of the same user: the memory holds scans.
int clinux_forbid_core_dumps(void);

/// All threads allocate from one pool, instead of each reserving 64 MiB of addresses; to be called before there are threads.
void clinux_use_one_arena(void);

/// How many of `wanted` threads the system lets this process have beside those that it has; they are gone on return.
int clinux_threads_to_be_had(int wanted);

/// Hands what was stored into a file through memory maps to the disk, as far as it waits for that; nothing else is waited for
/// and errors are of no consequence.
void clinux_begin_writing_pages(int descriptor);

#endif
