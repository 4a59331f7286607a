#!/usr/bin/env python3
"""Makes every system call fail, once and for ever; the run must say so, and the next one must put it right.

usage: check_disk_errors.py [--full]      (MEDFILTER names another program than the release build)
"""

import itertools

from batch import Batch, Reference, problems_after, problems_now
from strace import CHANGING, READING, injected, points
from trials import Goal, arguments, close, has, sample, scratch_folder

ERRORS = ["ENOSPC", "EIO", "EDQUOT", "EROFS"]


def fail_at(folder, reference, call, number, error, span):
    when = f"{number}+" if span == "for ever" else number
    batch, ended = injected(folder, call, f"error={error}", when)
    problems = problems_now(batch, reference, ended)
    # A call that could not say so is the only excuse for saying nothing.
    if ended.status != 0 and not ended.stderr and call != "write":
        problems.append(f"ended with {ended.status} and without a word")
    problems += problems_after(batch, reference)
    batch.remove()
    return problems


def main():
    options = arguments(__doc__)
    writes = Goal("G8", "ENOSPC, EIO, EDQUOT, EROFS at every state-changing call, once and for ever")
    reads = Goal("G10", "EIO, ESTALE at every reading call, once and for ever (F13, F33)")
    with scratch_folder() as scratch:
        reference = Reference(f"{scratch}/reference")
        folders = (f"{scratch}/{number}" for number in itertools.count())
        if not has("strace"):
            writes.add("strace", ["strace is not installed: Config/install.sh strace"])
            close(writes)
        for goal, names, errors, few in ((writes, CHANGING, ERRORS, 100), (reads, READING, ["EIO", "ESTALE"], 40)):
            every = points(Batch(next(folders)), names)
            goal.note(f"{len(every)} calls")
            trials = list(itertools.product(every, errors, ["once", "for ever"]))
            goal.run(
                [(f"{call} {number} {error} {span}",
                  lambda call=call, number=number, error=error, span=span, folder=next(folders):
                  fail_at(folder, reference, call, number, error, span))
                 for (call, number), error, span in sample(trials, few, options.full)], options.jobs)
    close(writes, reads)


if __name__ == "__main__":
    main()
