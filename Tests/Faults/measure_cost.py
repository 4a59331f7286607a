#!/usr/bin/env python3
"""Measures what safety costs: waiting for the disk, hashing, decompressing again what was compressed, reading back.

Whole processes. Waiting is measured with and without it, alternately, on a real disk. The rest is measured with one thread,
which does one thing after the other, by a library that times the calls: hashes of inputs, outputs and voxels, and all
inflating of a run whose inputs are not compressed. The machine should have nothing else to do.
usage: measure_cost.py                    (MEDFILTER names another program than the release build)
"""

import json
import os
import shutil
import statistics
import tempfile

from batch import Batch
from preload import compiled
from scans import gzipped, scan
from trials import ROOT, Goal, close

SCANS, ROUNDS, MOST = 6, 5, 0.15
PLAIN = {"PATH": "/usr/bin:/bin"}


class Run:
    """What one run took, in seconds, and what the stopwatch says if it had one."""

    def __init__(self, batch, environment, *words):
        shutil.rmtree(batch.path("out"), ignore_errors=True)
        os.sync()
        ended = batch.run(*words, environment={**PLAIN, **environment}, patience=600)
        if ended.status:
            raise SystemExit(f"the run failed with {ended.status}: {ended.stderr}")
        outputs = [record for line in batch.log.splitlines() if (record := json.loads(line))["type"] == "output"]
        self.seconds = ended.seconds
        self.comparing = sum(record["seconds"]["publish"] for record in outputs)
        told = environment.get("STOPWATCH_TOLD")
        if told:
            hashing, inflating = (int(word) for word in open(told).read().split())
            self.hashing, self.inflating = hashing / 1e9, inflating / 1e9


def batch_of(folder, name, content):
    batch = Batch(f"{folder}/{name}", image_format="nii.gz", threads=0)
    shutil.rmtree(batch.path("in"))
    for number in range(SCANS):
        batch.write(f"in/{number}.{name}", content)
    return batch


def medians(runs, *names):
    return [statistics.median(getattr(run, name) for run in runs) for name in names]


def main():
    goal = Goal("G19", f"cost of safety, {SCANS} scans of 256x256x170 int16 to .nii.gz, at most {MOST:.0%} of the wall time")
    (ROOT / ".build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / ".build") as folder:
        voxels = scan([256, 256, 170], "int16", seed=1)
        packed, plain = batch_of(folder, "nii.gz", gzipped(voxels)), batch_of(folder, "nii", voxels)
        unsynced = {"LD_PRELOAD": compiled("awkward", folder) or "", "AWKWARD": "unsynced"}
        watched = {"LD_PRELOAD": compiled("stopwatch", folder) or "", "STOPWATCH_TOLD": f"{folder}/told"}
        Run(packed, {})
        rounds = [(Run(packed, {}), Run(packed, unsynced)) for _ in range(ROUNDS)]
        alone = [Run(packed, watched, "--threads", "1") for _ in range(ROUNDS)]
        checks = [Run(plain, watched, "--threads", "1") for _ in range(ROUNDS)]
    (waiting,), (free,) = (medians([one[index] for one in rounds], "seconds") for index in (0, 1))
    whole, hashing, comparing = medians(alone, "seconds", "hashing", "comparing")
    (checking,) = medians(checks, "inflating")
    parts = {"waiting for the disk": max(0.0, 1 - free / waiting), "hashing": hashing / whole,
             "decompressing again": checking / whole, "reading back": comparing / whole}
    share = sum(parts.values())
    goal.add("cost", [] if share <= MOST else [f"{share:.1%} of the wall time"])
    goal.note(f"{waiting:.2f} s, {free:.2f} s without waiting for the disk; {whole:.2f} s with one thread, of which "
              + ", ".join(f"{name} {value:.1%}" for name, value in parts.items()) + f"; together {share:.1%}")
    close(goal)


if __name__ == "__main__":
    main()
