#!/usr/bin/env python3
"""Measures what safety costs: waiting for the disk, and reading back and comparing, on a real disk.

Whole processes, with and without waiting for the disk, alternately; medians. The machine should have nothing else to do.
usage: measure_cost.py                    (MEDFILTER names another program than the release build)
"""

import json
import os
import shutil
import statistics
import tempfile

from batch import Batch
from check_surroundings import awkward_library
from scans import gzipped, scan
from trials import ROOT, Goal, close

SCANS, ROUNDS, MOST = 6, 5, 0.15


def once(batch, environment, *words):
    """The seconds of a run, and the share of them that publishing had; with more than one thread stages overlap."""
    shutil.rmtree(batch.path("out"), ignore_errors=True)
    os.sync()
    ended = batch.run(*words, environment=environment, patience=600)
    if ended.status:
        raise SystemExit(f"the run failed with {ended.status}: {ended.stderr}")
    records = [json.loads(line) for line in batch.log.splitlines()]
    publishing = sum(record["seconds"]["publish"] for record in records if record["type"] == "output")
    return ended.seconds, publishing / ended.seconds


def main():
    goal = Goal("G19", f"cost of safety, {SCANS} scans of 256x256x170 int16 to .nii.gz, at most {MOST:.0%} of the wall time")
    (ROOT / ".build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / ".build") as folder:
        batch = Batch(f"{folder}/batch", image_format="nii.gz", threads=0)
        shutil.rmtree(batch.path("in"))
        content = gzipped(scan([256, 256, 170], "int16", seed=1))
        for number in range(SCANS):
            batch.write(f"in/{number}.nii.gz", content)
        plain = {"PATH": "/usr/bin:/bin"}
        unsynced = {**plain, "LD_PRELOAD": awkward_library(folder) or "", "AWKWARD": "unsynced"}
        once(batch, plain)
        rounds = [(once(batch, plain), once(batch, unsynced)) for _ in range(ROUNDS)]
        alone = [once(batch, unsynced, "--threads", "1") for _ in range(ROUNDS)]
    waiting, free = (statistics.median(one[index][0] for one in rounds) for index in (0, 1))
    # One thread does one thing after the other; without waiting, publishing is reading back, comparing and renaming.
    compared = statistics.median(share for _, share in alone)
    share = max(0.0, 1 - free / waiting) + compared
    goal.add("cost", [] if share <= MOST else [f"{share:.1%} of the wall time"])
    goal.note(f"{waiting:.2f} s, {free:.2f} s without waiting for the disk; of a run with one thread "
              f"({statistics.median(seconds for seconds, _ in alone):.2f} s) reading back and comparing has {compared:.1%}; "
              f"together {share:.1%}")
    close(goal)


if __name__ == "__main__":
    main()
