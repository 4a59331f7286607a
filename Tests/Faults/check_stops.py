#!/usr/bin/env python3
"""Asks every command to stop while it reads from a disk that gives 5 MB/s: it ends within 5 seconds, with status 75.

usage: check_stops.py                     (MEDFILTER names another program than the release build)
"""

import gzip
import os
import signal
import time

from batch import finish, start
from preload import compiled
from scans import header1
from trials import Goal, arguments, close, program, scratch_folder

# 60 MB, 12 s at that speed; sparse, so that it takes no room.
DIMS = (400, 400, 375)
HEADER = bytes(header1(DIMS, "uint8")) + bytes(4)
JOB = """{"medfilter": 1, "name": "stop", "input": {"root": "in", "include": ["%s"]}, "filters":
  [{"filter": "scale", "slope": 2, "intercept": 0}], "output": {"root": "%s", "format": "nii", "voxel_type": "same"},
  "resources": {"threads": %d}}"""
LOG = "out/provenance.jsonl"
# What is asked, and after how many seconds: while it reads, hashes, compares, or writes behind a slow reading.
COMMANDS = [
    (["run", "fresh.json"], 1), (["run", "fresh.json"], 6), (["run", "single.json"], 3), (["run", "job.json"], 3),
    (["run", "job.json", "--force"], 4), (["run", "packed.json"], 2), (["plan", "job.json", "--verify-all"], 3),
    (["verify", LOG], 3), (["verify", LOG, "--inputs", "in", "--decode", "--json"], 3),
    (["replay", LOG, "--inputs", "in"], 3), (["inspect", "in/a.nii"], 3), (["inspect", "in/b.nii.gz", "--json"], 2),
]


def archive(folder):
    count = DIMS[0] * DIMS[1] * DIMS[2]
    os.mkdir(f"{folder}/in")
    with open(f"{folder}/in/a.nii", "wb") as file:
        file.write(HEADER)
        file.truncate(352 + count)
    # Stored, not squeezed: a file of zeros would be read in no time.
    with gzip.open(f"{folder}/in/b.nii.gz", "wb", compresslevel=0) as file:
        file.write(HEADER + bytes(count))
    for name, scan, root, threads in [
        ("job", "a.nii", "out", 2), ("fresh", "a.nii", "fresh", 2), ("single", "a.nii", "single", 1),
        ("packed", "b.nii.gz", "packed", 2),
    ]:
        with open(f"{folder}/{name}.json", "w") as file:
            file.write(JOB % (scan, root, threads))


def stopped(folder, library, command, after):
    environment = {"PATH": "/usr/bin:/bin", "LD_PRELOAD": library, "AWKWARD": "crawling"}
    process = start([program(), *command], folder, environment)
    time.sleep(after)
    process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    ended = finish(process)
    seconds = time.monotonic() - asked
    problems = [] if ended.status == 75 else [f"status {ended.status}: {ended.stderr[-300:]}"]
    if seconds > 5:
        problems.append(f"{seconds:.1f} s")
    if "--json" in command and '"status":75' not in ended.stdout:
        problems.append(f"no document tells of it: {ended.stdout[-200:]}")
    return problems


def main():
    arguments(__doc__)
    goal = Goal("G10", "SIGTERM while a command reads from a disk of 5 MB/s: 75 within 5 s (F5)")
    with scratch_folder() as folder:
        library = compiled("awkward", folder)
        if library is None:
            goal.note("skipped: no C compiler")
            close(goal)
        archive(folder)
        ended = finish(start([program(), "run", "job.json"], folder))
        if ended.status != 0:
            goal.add("the job itself", [ended.stderr])
        trials = [
            (f"{' '.join(command)} after {after} s", lambda c=command, a=after: stopped(folder, library, c, a))
            for command, after in COMMANDS
        ]
        # Each has an output root of its own, or takes no lock; those that share one come after each other.
        goal.run(trials, 1)
    close(goal)


main()
