#!/usr/bin/env python3
"""Measures what each compression level makes of real scans: the file's size and the speed of writing it.

Three kinds of scan (an anatomical one, a functional series, a template), smoothed by 4 mm and written in their own type
and as float32, at each level; beside it niimath with its default, where it is installed.

usage: levels.py [--rounds 3]        first: Config/peers.sh Tests/Benchmarks/requirements.txt
Prints the table of Documentation.docc/Decisions/Codecs.md. MEDFILTER names another program than the release build.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

import nibabel

from programs import ROOT, niimath, program

SCANS = ["anatomical.nii", "example4d.nii.gz", "mni152_t1.nii.gz"]
FORMATS = [("nii.gz", [1, 2, 3, 4, 6, 9]), ("nii.zst", [1, 3, 9, 19])]


def run(folder, scan, voxel_type, image_format, level):
    """One scan filtered; bytes of the output, and seconds of the stage that compresses."""
    job = {
        "medfilter": 1,
        "name": "levels",
        "input": {"root": str(scan.parent), "include": [scan.name]},
        "filters": [{"filter": "gaussian", "fwhm_mm": 4}],
        "output": {"root": "out", "name": "scan", "format": image_format, "level": level, "voxel_type": voxel_type},
    }
    (folder / "job.json").write_text(json.dumps(job))
    subprocess.run(
        [program(), "run", str(folder / "job.json"), "--force", "--threads", "1", "--progress", "none", "--quiet"],
        check=True,
    )
    records = [json.loads(line) for line in (folder / "out" / "provenance.jsonl").read_text().splitlines()]
    last = [record for record in records if record["type"] == "output"][-1]
    return (folder / "out" / f"scan.{image_format}").stat().st_size, last["seconds"]["write"]


def stored_bytes(scan, voxel_type):
    image = nibabel.load(scan)
    width = 4 if voxel_type == "float32" else image.get_data_dtype().itemsize
    count = 1
    for length in image.shape:
        count *= length
    return count * width


def niimath_bytes(folder, scan, voxel_type):
    stored = nibabel.load(scan).get_data_dtype().itemsize
    kind = "float" if voxel_type == "float32" else {1: "char", 2: "short"}[stored]
    command = [niimath(), str(scan), "-s", str(4 / 2.3548200450309493), str(folder / "peer"), "-odt", kind]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "FSLOUTPUTTYPE": "NIFTI_GZ"})
    return (folder / "peer.nii.gz").stat().st_size


def rows(folder, scan, rounds):
    for voxel_type in ["same", "float32"]:
        whole = stored_bytes(scan, voxel_type)
        peer = niimath_bytes(folder, scan, voxel_type) if niimath() else None
        if peer:
            yield scan.name, voxel_type, "niimath", peer / whole, 1.0, None
        for image_format, levels in FORMATS:
            for level in levels:
                runs = [run(folder, scan, voxel_type, image_format, level) for _ in range(rounds)]
                size, speed = runs[0][0], whole / statistics.median(seconds for _, seconds in runs) / 1e6
                beside = size / peer if peer else None
                yield scan.name, voxel_type, f"{image_format} {level}", size / whole, beside, speed


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    rounds = options.parse_args().rounds
    print("| scan | type | level | ratio | × niimath's size | MB/s, one thread |\n|---|---|---|---:|---:|---:|")
    for name in SCANS:
        with tempfile.TemporaryDirectory(prefix="medfilter-", dir="/dev/shm") as folder:
            scan = ROOT.parent / "shared" / "data" / "scans" / name
            for scan_name, voxel_type, what, ratio, beside, speed in rows(pathlib.Path(folder), scan, rounds):
                beside_text = f"{beside:.3f}" if beside else ""
                speed_text = f"{speed:.0f}" if speed else ""
                print(f"| {scan_name} | {voxel_type} | {what} | {ratio:.3f} | {beside_text} | {speed_text} |", flush=True)


if __name__ == "__main__":
    main()
