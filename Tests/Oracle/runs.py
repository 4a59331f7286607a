"""Runs medfilter for the oracle scripts: where things are, one job in one process, and how verdicts are told."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from release import ROOT, program, scratch_folder  # noqa: E402, F401 - for the checks too

REAL_SCANS = ROOT.parent / "shared" / "data" / "scans"
SAMPLE_SCANS = ROOT / "Samples" / "archive"
EXTENSIONS = (".nii", ".nii.gz", ".nii.zst")


def stem(path):
    """The file's name without the extension of its format."""
    return next(path.name[: -len(end)] for end in sorted(EXTENSIONS, key=len, reverse=True) if path.name.endswith(end))


def collect_scans(into):
    """Copies all scans below one folder, real ones and samples, and returns their paths."""
    copies = []
    for label, source in (("real", REAL_SCANS), ("samples", SAMPLE_SCANS)):
        if not source.is_dir():
            print(f"skipped: no {label} scans at {os.path.relpath(source, ROOT)}")
        for scan in sorted(path for path in source.rglob("*") if path.name.endswith(EXTENSIONS)):
            copies.append(into / label / scan.relative_to(source))
            copies[-1].parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(scan, copies[-1])
    return copies


def run_job(folder, name, scans, filters, image_format, *options, medfilter=None, policy=None, **output):
    """Runs one job over all scans of a folder; returns the output folder and the finished process."""
    job = {
        "medfilter": 1,
        "name": name,
        "input": {"root": str(scans)},
        "filters": filters,
        "output": {"root": name, "name": "{stem}_out", "format": image_format, **output},
        "policy": policy or {},
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(job))
    command = [medfilter or program(), "run", str(path), "--progress", "none", *options]
    return folder / name, subprocess.run(command, capture_output=True, text=True)


def refused_for_want_of_neighbours(process, weights, lengths):
    """Whether a job had to be refused, and was, because no axis that is filtered has a second voxel.

    `weights` has so many axes as there are `lengths`, in the same order. None where both were to be filtered.
    """
    filtered = [length for length, taps in zip(lengths, weights.shape) if taps > 1]
    if not filtered or max(filtered) > 1:
        return None
    return process.returncode == 3 and "E_FMT_NOVOLUME" in process.stderr


def output_of(scan, scans, outputs, image_format):
    """Where a job of `run_job` puts the output of a scan: the input's subfolders are kept."""
    return outputs / scan.relative_to(scans).parent / f"{stem(scan)}_out.{image_format}"


class Verdicts:
    """Counts checks, tells the failed ones, and ends with the line that Config/test.sh reads."""

    def __init__(self):
        self.passed = self.failed = 0

    def add(self, name, problems):
        if problems:
            self.failed += 1
            print(f"FAILED {name}", *problems, sep="\n  ", flush=True)
        else:
            self.passed += 1

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)
