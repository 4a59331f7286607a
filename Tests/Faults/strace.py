"""The injector: strace watches the program's system calls, and makes the n-th one fail or kill."""

import re
import tempfile

from batch import Batch

# Calls that change what a disk holds, or who holds it.
CHANGING = (
    "write openat openat2 mkdirat fsync fdatasync ftruncate fallocate fchmod renameat renameat2 linkat "
    "unlinkat close flock"
).split()
READING = "read pread64 newfstatat fstat getdents64 readlink lseek fcntl".split()

# libdispatch wakes its thread by writes of its own, of which one run needs more than another: not every run comes to the
# last call of the longest.
TRIES = 20

LINE = re.compile(r"^\d+\s+(?P<name>\w+)\((?P<rest>.*)$")


def points(batch, names):
    """Every `(call, n)` of an undisturbed run, from the reading of the job on: what comes before is the loader's.

    strace counts by thread; the job of the sweep uses one.
    """
    with tempfile.NamedTemporaryFile("r") as record:
        watched = ",".join({*names, "openat"})
        watch = ["strace", "-f", "-qq", "-o", record.name, "-e", f"trace={watched}"]
        ended = batch.run(under=watch)
        if ended.status != 0:
            raise SystemExit(f"strace does not work here: {ended.status} {ended.stderr}")
        calls = [match for match in map(LINE.match, record) if match]
    counts, found, begun = {}, [], False
    main = calls[0].string.split()[0]
    for call in calls:
        if call.string.split()[0] != main:
            continue
        name = call["name"]
        counts[name] = counts.get(name, 0) + 1
        begun = begun or "job.json" in call["rest"]
        if begun and name in names:
            found.append((name, counts[name]))
    return found


def run_injected(batch, call, what, when, *words):
    """Runs the batch with the `when`-th call of one kind going wrong; `3+` means from the third on.

    strace must not use seccomp here: its filter lets calls pass that should be tampered with.
    """
    record = batch.path("calls")
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:{what}:when={when}"]
    ended = batch.run(*words, under=["strace", "-f", "-qq", "-o", record, *inject])
    with open(record, errors="replace") as calls:
        ended.was_injected = any("(INJECTED)" in line or "killed by" in line for line in calls)
    return ended


def injected(folder, call, what, when, **options):
    """A fresh batch after a run in which a call went wrong; runs that do not come to it are not counted."""
    for _ in range(TRIES):
        batch = Batch(folder, **options)
        ended = run_injected(batch, call, what, when)
        if ended.was_injected:
            return batch, ended
        batch.remove()
    raise RuntimeError(f"none of {TRIES} runs came to this call")
