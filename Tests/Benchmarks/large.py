#!/usr/bin/env python3
"""Filters scans that do not fit into the memory they get, and compares what comes out with what comes without a limit.

A series of 256×256×128 int16 frames, 8 GB in all, is made on the fly as .nii.gz and filtered under 1 GB; a single volume
of 512×512×1024, which takes 2.1 GB as a whole, is filtered under 256 MiB, some slices at a time. Printed are the peak of
resident memory, the time, and whether the voxels have the same digest. It needs about twice the scan's compressed size
on the disk.

usage: large.py [--gigabytes 8] [--folder /var/tmp]        MEDFILTER names another program than the release build
"""

import argparse
import gzip
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

import numpy as np

from batches import STOPWATCH
from programs import program


def header(dims):
    """A NIfTI-1 header of a single file, int16, 1 mm."""
    lengths = [len(dims), *dims] + [1] * (7 - len(dims))
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, *lengths)
    struct.pack_into("<2h", head, 70, 4, 16)
    struct.pack_into("<8f", head, 76, *[1.0] * 8)
    struct.pack_into("<f", head, 108, 352)
    head[123] = 2
    head[344:347] = b"n+1"
    return bytes(head)


def make(path, dims, pieces):
    """A file of gzip members: the header, and then a few members of noise again and again, which takes no time to make."""
    slices = np.prod(dims[2:]) // pieces
    noise = np.random.default_rng(1)
    slope = np.linspace(0, 800, dims[0] * dims[1] * slices).astype(np.int16)
    members = [gzip.compress((slope + noise.integers(0, 16, slope.size, np.int16)).tobytes(), 1) for _ in range(5)]
    with open(path, "wb") as file:
        file.write(gzip.compress(header(dims)))
        for number in range(pieces):
            file.write(members[number * 7 % 5])


def run(folder, name, limit):
    """(seconds, peak MB, SHA-256 of the output's voxels)"""
    out = folder / f"out-{name}"
    job = {
        "medfilter": 1,
        "name": name,
        "input": {"root": str(folder / name)},
        "filters": [{"filter": "gaussian", "sigma_mm": 1.5}],
        "output": {"root": str(out), "voxel_type": "same"},
    }
    (folder / "job.json").write_text(json.dumps(job))
    command = [program(), "run", str(folder / "job.json"), "--quiet", "--progress", "none", *limit]
    done = subprocess.run([sys.executable, "-S", "-c", STOPWATCH, *command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    seconds, peak = map(float, done.stdout.split()[-2:])
    records = [json.loads(line) for line in (out / "provenance.jsonl").read_text().splitlines()]
    digest = next(record for record in records if record["type"] == "output")["out"]["voxels"]["digest"]
    shutil.rmtree(out)
    return seconds, peak, digest


def check(folder, name, dims, pieces, limit, most):
    """Whether both ways agree and the limited one kept to its limit, in MB."""
    (folder / name).mkdir()
    make(folder / name / "scan.nii.gz", dims, pieces)
    whole, limited = run(folder, name, []), run(folder, name, ["--memory", limit])
    shutil.rmtree(folder / name)
    same = whole[2] == limited[2]
    size = 2 * np.prod([float(length) for length in dims]) / 1e9
    print(f"{name} {'×'.join(map(str, dims))}, {size:.1f} GB; {'the same voxels' if same else 'OTHER VOXELS'}")
    for way, (seconds, peak, _) in [("without a limit", whole), (f"--memory {limit}", limited)]:
        print(f"  {way}: {seconds:.0f} s, {peak:.0f} MiB", flush=True)
    return same and limited[1] <= most


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--gigabytes", type=float, default=8)
    options.add_argument("--folder", default="/var/tmp")
    chosen = options.parse_args()
    frames = round(chosen.gigabytes * 1e9 / (2 * 256 * 256 * 128))
    with tempfile.TemporaryDirectory(prefix="medfilter-", dir=chosen.folder) as scratch:
        folder = pathlib.Path(scratch)
        passed = [
            check(folder, "volume", [512, 512, 1024], 64, "256MiB", 256),
            check(folder, "series", [256, 256, 128, frames], frames, "1GB", 1e9 / 2**20),
        ]
    print(f"{passed.count(True)} passed, {passed.count(False)} failed")
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
