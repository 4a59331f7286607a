#!/usr/bin/env python3
"""Watches which folders a run lists: each once, the archive's and the output tree's, in a first run and in the next.

usage: check_listings.py         (needs strace; MEDFILTER names another program than the release build)
"""

import collections
import re

from batch import Batch
from trials import Goal, arguments, close, scratch_folder

# The call that finds no more names ends a listing; -y tells the folder.
END = re.compile(r"getdents64\(\d+<(?P<folder>[^>]*)>,.*= 0$")


def listings(batch):
    """How a run ended, and how often it listed each folder to its end."""
    record = batch.path("calls")
    ended = batch.run(under=["strace", "-f", "-qq", "-y", "-o", record, "-e", "trace=getdents64"])
    with open(record, errors="replace") as calls:
        found = (END.search(call.strip()) for call in calls)
        return ended, collections.Counter(match["folder"] for match in found if match)


def once(batch):
    ended, counts = listings(batch)
    expected = {batch.path(name) for name in ("in", "in/sub", "out", "out/.medfilter")}
    problems = [] if ended.status == 0 else [f"status {ended.status}: {ended.stderr[-200:]}"]
    # One that sees nothing would find everything in order.
    problems += [f"{folder} was not seen" for folder in sorted(expected - counts.keys())]
    return problems + [f"{folder} was listed {times} times" for folder, times in counts.items() if times > 1]


def main():
    arguments(__doc__)
    goal = Goal("", "no folder is listed twice in a run")
    with scratch_folder() as scratch:
        batch = Batch(f"{scratch}/batch")
        goal.add("a first run", once(batch))
        goal.add("a run with nothing to do", once(batch))
    close(goal)


if __name__ == "__main__":
    main()
