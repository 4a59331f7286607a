#!/usr/bin/env python3
"""Starts several copies of one job at once: one works, the others say who does, and nothing is lost or done twice.

usage: check_together.py [--full]         (MEDFILTER names another program than the release build)
"""

import itertools
import json

from batch import Batch, Reference, finish, problems_after, start
from trials import Goal, arguments, close, program, scratch_folder


def together(folder, reference, copies, refused):
    batch = Batch(folder)
    command = [program(), "run", "job.json", "--progress", "none"]
    ended = [finish(process) for process in [start(command, batch.folder) for _ in range(copies)]]
    problems = []
    refused += [one for one in ended if one.status == 75]
    for one in ended:
        # A copy that starts when another is done finds nothing to do.
        if one.status not in (0, 75):
            problems.append(f"a copy ends with {one.status}: {one.stderr[-200:]}")
        if one.status == 75 and "another run holds the output root" not in one.stderr:
            problems.append(f"75 without its reason: {one.stderr[-200:]}")
    if not any(one.status == 0 for one in ended):
        problems.append("no copy worked")
    records = [json.loads(line) for line in batch.log.splitlines()]
    names = sorted(record["out"]["name"] for record in records if record["type"] == "output")
    if names != sorted(reference.outputs):
        problems.append(f"recorded outputs: {names}")
    problems += problems_after(batch, reference, tries=1)
    batch.remove()
    return problems


def main():
    options = arguments(__doc__)
    goal = Goal("G11", "2, 4 or 8 copies of one job at once: one writer, nothing lost, nothing twice (F20)")
    with scratch_folder() as scratch:
        reference = Reference(f"{scratch}/reference")
        folders = (f"{scratch}/{number}" for number in itertools.count())
        refused = []
        trials = [(f"{copies} copies, round {number}",
                   lambda copies=copies, folder=next(folders): together(folder, reference, copies, refused))
                  for number in range(50 if options.full else 6) for copies in (2, 4, 8)]
        goal.run(trials, options.jobs)
        goal.note(f"{len(refused)} copies met another at work")
        # Copies that all ran one after the other would have tried nothing.
        if not refused:
            goal.add("all", ["no copy ever met another"])
    close(goal)


if __name__ == "__main__":
    main()
