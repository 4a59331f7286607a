#!/usr/bin/env python3
"""Times medfilter beside the programs that people use today: whole processes, file to file.

A T1-like scan of 256×256×176 int16 is smoothed with sigma 1 and 3 mm, from .nii to .nii and from .nii.gz to .nii.gz.
Programs take turns, so that a busy machine is busy for all of them; the median counts. Every output is compared with
scipy in double, since speed means nothing where the result is another one.

usage: compare.py [--rounds 5] [--no-file]        first: Config/peers.sh Tests/Benchmarks/requirements.txt
Writes Tests/Benchmarks/results/<date>-<cpu>.md. MEDFILTER names another program than the release build.
"""

import argparse
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import nibabel
import numpy as np
from scipy import ndimage

from programs import ROOT, Workload, has_module
from release import scratch_folder
from tables import keep, machine

SHAPE = (256, 256, 176)
SPACING = (0.9, 0.9, 1.0)
SIGMAS = [1, 3]
FORMATS = ["nii", "nii.gz"]


def make_scan(folder):
    """A head with scanner-like (Rician) noise, so that it compresses like a scan; real anatomy where there is some."""
    real = ROOT.parent / "shared" / "data" / "scans" / "mni152_t1.nii.gz"
    source = real if real.exists() else next((ROOT / "Samples").rglob("*T1w.nii.gz"))
    head = nibabel.load(source).get_fdata(dtype=np.float32)
    head = ndimage.zoom(head / head.max(), [to / of for to, of in zip(SHAPE, head.shape)], order=1) * 1500
    noise = np.random.default_rng(1)
    voxels = np.hypot(head + noise.normal(0, 20, SHAPE), noise.normal(0, 20, SHAPE)).astype(np.int16)
    image = nibabel.Nifti1Image(voxels, np.diag([*SPACING, 1]))
    image.header.set_xyzt_units("mm", "sec")
    for image_format in FORMATS:
        (folder / image_format).mkdir(parents=True)
        nibabel.save(image, folder / image_format / f"t1.{image_format}")
    return voxels, source.name


def seconds(workload, command, output, environment):
    """Wall time of one whole process, from an empty folder to an output."""
    shutil.rmtree(workload.folder, ignore_errors=True)
    workload.prepare()
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    elapsed = time.perf_counter() - start
    if done.returncode != 0 or not output.exists():
        sys.exit(f"{command[0]} failed with {done.returncode}: {done.stderr.strip()}")
    return elapsed


def deviation(output, expected, margin):
    """The largest difference from scipy in double, as a fraction of its maximum, where no boundary reaches."""
    inside = (slice(margin, -margin),) * 3
    found = nibabel.load(output).get_fdata(dtype=np.float64)
    return float(np.abs(found - expected)[inside].max() / expected.max())


def measure(workload, expected, rounds):
    """Rows of (program, median, fastest, slowest, deviation, bytes)."""
    programs, times, results = list(workload.programs()), {}, {}
    margin = math.ceil(8 * workload.sigma / min(SPACING))
    for _ in range(rounds + 1):
        for name, (command, output, environment) in programs:
            times.setdefault(name, []).append(seconds(workload, command, output, environment))
            if name not in results:
                results[name] = (deviation(output, expected, margin), output.stat().st_size)
    for name, measured in times.items():
        measured = measured[1:]  # the first round warms the page cache and the loader
        yield name, statistics.median(measured), min(measured), max(measured), *results[name]


def table(workload, rows):
    fastest = rows[0][1]
    lines = [f"## {workload.name}", "", "| program | median s | min–max s | × medfilter | off scipy double | MB out |"]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    for name, median, low, high, off, size in rows:
        lines.append(
            f"| {name} | {median:.3f} | {low:.3f}–{high:.3f} | {median / fastest:.1f} | {off:.1e} | {size / 1e6:.1f} |"
        )
    return "\n".join(lines) + "\n"


def heading(source, rounds, place):
    versions = ["numpy", "scipy", "nibabel"] + [name for name in ("SimpleITK",) if has_module(name)]
    shown = ", ".join(f"{name} {__import__(name).__version__}" for name in versions)
    return f"""# File to file, whole processes

{machine()}.
{SHAPE[0]}×{SHAPE[1]}×{SHAPE[2]} int16 (from {source}, with noise) to float32, files below {place};
median of {rounds} rounds after one that is not counted, programs taking turns. {shown}, Python {sys.version.split()[0]}.

    Config/peers.sh Tests/Benchmarks/requirements.txt && .peers/bin/python Tests/Benchmarks/compare.py --rounds {rounds}

A Python row contains the interpreter's start. "Off scipy double" is the largest difference from
`scipy.ndimage.gaussian_filter` in double as a fraction of its maximum, 8 sigmas and more from the border, because the
programs extend borders differently: small where the same Gaussian was computed.
"""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--no-file", action="store_true", help="print only")
    chosen = options.parse_args()
    with scratch_folder() as scratch:
        folder = pathlib.Path(scratch)
        voxels, source = make_scan(folder / "scans")
        parts = [heading(source, chosen.rounds, folder.parent)]
        print(parts[0], flush=True)
        for sigma in SIGMAS:
            expected = ndimage.gaussian_filter(voxels.astype(np.float64), [sigma / step for step in SPACING])
            for image_format in FORMATS:
                scan = folder / "scans" / image_format / f"t1.{image_format}"
                workload = Workload(folder / "run", scan, sigma, image_format)
                parts.append(table(workload, list(measure(workload, expected, chosen.rounds))))
                print(parts[-1], flush=True)
    if not chosen.no_file:
        keep("\n".join(parts))


if __name__ == "__main__":
    main()
