#!/usr/bin/env python3
"""Times whole processes where codecs, hashing and overhead dominate: one scan, a series, and batches, beside niimath.

Programs take turns, so that a busy machine is busy for all of them; the median counts. Where medfilter does a batch in
one job, niimath runs four processes at once, as a user with xargs would. Peak memory is that of the largest process.

usage: batches.py [--rounds 5] [--small 2000] [--only NAME...] [--no-file]
       first: Config/peers.sh Tests/Benchmarks/requirements.txt
Writes Tests/Benchmarks/results/<date>-<cpu>-batches.md. MEDFILTER names another program than the release build.
"""

import argparse
import os
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

import nibabel
import numpy as np
from scipy import ndimage

from compare import SHAPE, SPACING, make_scan
from programs import job_text, niimath, program
from tables import keep, machine, pigz


class Batch:
    """Scans in a folder of their own, and what is to be made of them."""

    def __init__(self, name, scans, image_format, voxel_type, sigma=2):
        self.name, self.scans, self.format, self.voxel_type, self.sigma = name, scans, image_format, voxel_type, sigma

    def medfilter(self, folder):
        job = job_text(self.scans, self.sigma, folder / "medfilter", self.format, self.voxel_type)
        (folder / "job.json").write_text(job)
        return [program(), "run", str(folder / "job.json"), "--progress", "none", "--quiet"]

    def niimath(self, folder):
        (folder / "niimath").mkdir()
        kind = "float" if self.voxel_type == "float32" else "short"
        one = f"{shlex.quote(niimath())} {{}} -s {self.sigma} {folder}/niimath/$(basename {{}} | cut -d. -f1) -odt {kind}"
        return ["sh", "-c", f"ls {self.scans}/* | xargs -P 4 -I{{}} sh -c {shlex.quote(one)}"]

    def outputs(self, folder, program):
        return [file for file in (folder / program).glob("*.nii*")]


# A process begins with the peak of the one that starts it, so a small one stands between.
STOPWATCH = """
import resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
sys.exit(done.returncode)
"""


def timed(command, image_format):
    """Wall seconds of one command, and the peak megabytes of the largest of its processes."""
    environment = {**os.environ, "FSLOUTPUTTYPE": "NIFTI" if image_format == "nii" else "NIFTI_GZ"}
    done = subprocess.run(
        [sys.executable, "-S", "-c", STOPWATCH, *command], env=environment, capture_output=True, text=True
    )
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed with {done.returncode}: {done.stderr.strip()}")
    elapsed, peak = done.stdout.split()[-2:]
    return float(elapsed), float(peak)


def measure(batch, scratch, rounds):
    """(program, median, fastest, slowest, peak MB, MB out) for each program."""
    programs = {"medfilter": batch.medfilter}
    if niimath():
        programs["niimath"] = batch.niimath
    found = {name: [] for name in programs}
    sizes = {}
    for _ in range(rounds + 1):
        for name, command in programs.items():
            folder = scratch / "run"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            found[name].append(timed(command(folder), batch.format))
            made = batch.outputs(folder, name)
            if len(made) != len(list(batch.scans.iterdir())):
                sys.exit(f"{name} made {len(made)} outputs")
            sizes[name] = sum(file.stat().st_size for file in made) / 1e6
    for name, runs in found.items():
        times = [elapsed for elapsed, _ in runs[1:]]  # the first round warms the page cache and the loader
        peak = max(memory for _, memory in runs)
        yield name, statistics.median(times), min(times), max(times), peak, sizes[name]


def table(batch, rows):
    lines = [f"## {batch.name}", "", "| program | median s | min–max s | × medfilter | peak MB | MB out |"]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    for name, median, low, high, peak, size in rows:
        times = median / rows[0][1]
        lines.append(f"| {name} | {median:.3f} | {low:.3f}–{high:.3f} | {times:.1f} | {peak:.0f} | {size:.1f} |")
    return "\n".join(lines) + "\n"


def make_series(folder):
    """A functional series: 96×96×60, 200 frames, int16, from the T1's anatomy with noise of its own in each frame."""
    head = nibabel.load(folder / "nii" / "t1.nii").get_fdata(dtype=np.float32)
    frame = ndimage.zoom(head, [to / of for to, of in zip((96, 96, 60), SHAPE)], order=1)
    frame = np.maximum(frame / frame.max(), 0)
    noise = np.random.default_rng(2)
    voxels = np.empty((96, 96, 60, 200), np.int16)
    for number in range(200):
        voxels[..., number] = np.abs(frame * 8000 + noise.normal(0, 240, frame.shape) * (0.2 + frame))
    image = nibabel.Nifti1Image(voxels, np.diag([2.2, 2.2, 2.5, 1]))
    image.header.set_zooms((2.2, 2.2, 2.5, 1.5))
    image.header.set_xyzt_units("mm", "sec")
    (folder / "bold").mkdir()
    nibabel.save(image, folder / "bold" / "bold.nii.gz")


def make_small(folder, voxels, count):
    """Scans of 64×64×40, each with noise of its own."""
    small = voxels[::4, ::4, ::4][:, :, :40]
    noise = np.random.default_rng(3)
    (folder / "small").mkdir()
    for number in range(count):
        own = (small + noise.integers(0, 30, small.shape)).astype(np.int16)
        image = nibabel.Nifti1Image(own, np.diag([step * 4 for step in SPACING] + [1]))
        nibabel.save(image, folder / "small" / f"s{number:05d}.nii.gz")


def batches(folder, wanted, small):
    """Makes the scans that are wanted, and says what is done with them."""
    voxels, _ = make_scan(folder)
    if "t1" in wanted:
        yield Batch("t1.nii.gz → .nii.gz int16", folder / "nii.gz", "nii.gz", "same")
        yield Batch("t1.nii → .nii float32", folder / "nii", "nii", "float32")
    if "bold" in wanted:
        make_series(folder)
        yield Batch("bold.nii.gz → .nii.gz int16", folder / "bold", "nii.gz", "same")
        yield Batch("bold.nii.gz → .nii.zst int16 (niimath: .nii.gz)", folder / "bold", "nii.zst", "same")
    if "twelve" in wanted:
        (folder / "twelve").mkdir()
        for number in range(12):
            shutil.copy(folder / "nii.gz" / "t1.nii.gz", folder / "twelve" / f"t{number:02d}.nii.gz")
        yield Batch("12 × t1.nii.gz in one job (niimath: four at once)", folder / "twelve", "nii.gz", "same")
    if "small" in wanted:
        make_small(folder, voxels, small)
        name = f"{small} scans of 64×64×40 int16 .nii.gz in one job (niimath: four at once)"
        yield Batch(name, folder / "small", "nii.gz", "same", sigma=4)


def heading(rounds, small):
    return f"""# Batches, whole processes

{machine()}.
Gaussian of sigma 2 mm (small scans: 4 mm), files on a RAM disk; median of {rounds} rounds after one that is not counted,
programs taking turns. niimath {pigz()}.

    Config/peers.sh Tests/Benchmarks/requirements.txt
    .peers/bin/python Tests/Benchmarks/batches.py --rounds {rounds} --small {small}
"""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--small", type=int, default=2000)
    options.add_argument("--only", nargs="+", default=["t1", "bold", "twelve", "small"])
    options.add_argument("--no-file", action="store_true", help="print only")
    chosen = options.parse_args()
    parts = [heading(chosen.rounds, chosen.small)]
    print(parts[0], flush=True)
    with tempfile.TemporaryDirectory(prefix="medfilter-", dir="/dev/shm") as scratch:
        folder = pathlib.Path(scratch)
        for batch in batches(folder / "scans", chosen.only, chosen.small):
            parts.append(table(batch, list(measure(batch, folder, chosen.rounds))))
            print(parts[-1], flush=True)
    if not chosen.no_file:
        keep("\n".join(parts), "batches")


if __name__ == "__main__":
    main()
