#!/usr/bin/env python3
"""Compares the filters that are not linear with scipy, numpy, SimpleITK and images made by fslmaths.

Ranks, arithmetic and thresholds have to be equal voxel by voxel; statistics to a rounding of float32; affines to 1e-6 mm.
usage: check_operations.py            (MEDFILTER names another program than the release build)
"""

import csv
import itertools
import json
import os
import pathlib
import shutil
import subprocess

import nibabel
import numpy as np
from scipy import ndimage

try:
    import SimpleITK  # Of the peers, larger than all that the tests need.
except ImportError:
    SimpleITK = None

from runs import ROOT, Verdicts, program, scratch_folder

FSLMATHS = ROOT.parent / "shared" / "data" / "fslmaths"
AFFINE = np.array([[-1.5, 0.2, 0, 20], [0.1, 2, 0.3, -30], [0, -0.2, 2.5, 10], [0, 0, 0, 1]])
BOUNDARIES = ["reflect", "mirror", "nearest", "constant", "wrap"]
# What our filters say of a command of fslmaths; its median of an even number is one of the middle two.
COMMANDS = {
    "thrpBinaryEven": [{"filter": "threshold", "lower_percent": 50}],
    "uthrpBinaryEven": [{"filter": "threshold", "upper_percent": 50}],
    "uthrPBinaryPEven": [{"filter": "threshold", "upper_percent": 50, "range_of": "positive"}],
    "addBinaryEven": [{"filter": "add", "value": 50}],
    "subBinaryEven": [{"filter": "subtract", "value": 50}],
    "thrBinaryOdd": [{"filter": "threshold", "lower": 50}],
    "TmedianMedianOdd": [{"filter": "reduce", "axis": "t", "statistic": "median"}],
    "TpercBinaryOdd": [{"filter": "reduce", "axis": "t", "statistic": "percentile", "percent": 50}],
    "TmaxReduceEven": [{"filter": "reduce", "axis": "t", "statistic": "max"}],
    "TmaxnReduceEven": [{"filter": "reduce", "axis": "t", "statistic": "argmax"}],
    "TminReduceEven": [{"filter": "reduce", "axis": "t", "statistic": "min"}],
    "Tar1ReduceEven": [{"filter": "reduce", "axis": "t", "statistic": "ar1"}],
    "XmaxReduceEven": [{"filter": "reduce", "axis": "i", "statistic": "max"}],
    "XmaxnReduceEven": [{"filter": "reduce", "axis": "i", "statistic": "argmax"}],
    "addBinary2Img": [{"filter": "add", "file": "{fslmaths}/in/trick3D.nii.gz"}],
    "fmedianFilter": [{"filter": "median", "size_vox": 3, "boundary": "renormalise"}],
    "dilFFilter": [{"filter": "maximum", "size_vox": 3, "boundary": "renormalise"}],
}


class Bench:
    """A scratch folder in which one job after another is run."""

    def __init__(self, folder):
        self.folder, self.number = folder, 0

    def write(self, name, voxels, affine=AFFINE):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nibabel.save(nibabel.Nifti1Image(voxels, affine), path)
        return path

    def run(self, scan, filters, **output):
        """The output of a job over one scan, or a sentence."""
        self.number += 1
        place = self.folder / f"job-{self.number}"
        (place / "in").mkdir(parents=True)
        shutil.copyfile(scan, place / "in" / scan.name)
        job = {"medfilter": 1, "name": "oracle", "input": {"root": "in"}, "filters": filters,
               "output": {"root": "out", "format": "nii", **output}, "policy": {"nonfinite": "propagate"}}
        (place / "job.json").write_text(json.dumps(job))
        command = [program(), "run", str(place / "job.json"), "--progress", "none"]
        done = subprocess.run(command, capture_output=True, text=True)
        made = sorted((place / "out").glob("*.nii"))
        if done.returncode or not made:
            return f"{' '.join(command)}: status {done.returncode}: {done.stderr[-500:]}"
        return nibabel.load(made[0])


def difference(found, expected, tolerance=0.0):
    """What is wrong with an output, or nothing."""
    if isinstance(found, str):
        return [found]
    voxels = np.asarray(found.dataobj)
    if voxels.squeeze().shape != expected.squeeze().shape:
        return [f"expected {expected.shape}, found {voxels.shape}"]
    voxels, expected = voxels.squeeze(), expected.squeeze()
    wrong = ~((np.abs(voxels - expected) <= tolerance) | (np.isnan(voxels) & np.isnan(expected)) | (voxels == expected))
    return [f"{wrong.sum()} voxels differ, by {np.nanmax(np.abs(voxels - expected))}"] if wrong.any() else []


def check_ranks(bench, verdicts, dice):
    voxels = dice.integers(0, 60, (19, 17, 13)).astype(np.float32)
    scan = bench.write("ranks.nii", voxels)
    for size, boundary in itertools.product([2, 3, (5, 1, 4)], BOUNDARIES):
        key = [size] * 3 if isinstance(size, int) else list(size)
        beyond = {"boundary": boundary, **({"value": 7} if boundary == "constant" else {})}
        how = {"mode": boundary, "cval": 7}
        for name, more, expected in [
            ("median", {}, ndimage.median_filter(voxels, key, **how)),
            ("minimum", {}, ndimage.minimum_filter(voxels, key, **how)),
            ("maximum", {}, ndimage.maximum_filter(voxels, key, **how)),
            ("percentile", {"percent": 30}, ndimage.percentile_filter(voxels, 30, key, **how)),
        ]:
            found = bench.run(scan, [{"filter": name, "size_vox": key, **beyond, **more}])
            verdicts.add(f"{name} {key} {boundary}", difference(found, expected))


def check_arithmetic(bench, verdicts, dice):
    series = dice.normal(10, 4, (9, 8, 7, 5)).astype(np.float32)
    other, many = series[..., 0] * 2 + 1, series[..., ::-1].copy()
    scan, file, files = bench.write("a.nii", series), bench.write("b.nii", other), bench.write("c.nii", many)
    for name, ufunc in [("add", np.add), ("subtract", np.subtract), ("multiply", np.multiply), ("divide", np.divide)]:
        for label, operand, expected in [
            ("number", {"value": 1.75}, ufunc(series, np.float32(1.75))),
            ("volume", {"file": str(file)}, ufunc(series, other[..., None])),
            ("series", {"file": str(files)}, ufunc(series, many)),
        ]:
            verdicts.add(f"{name} {label}", difference(bench.run(scan, [{"filter": name, **operand}]), expected))


def check_reductions(bench, verdicts, dice):
    series = dice.normal(100, 20, (12, 9, 8, 7)).astype(np.float32)
    scan, exact = bench.write("r.nii", series), series.astype(np.float64)
    statistics = {
        "mean": lambda axis: exact.mean(axis), "std": lambda axis: exact.std(axis, ddof=1),
        "min": lambda axis: exact.min(axis), "max": lambda axis: exact.max(axis),
        "argmax": lambda axis: exact.argmax(axis).astype(float), "median": lambda axis: np.median(exact, axis),
        "percentile": lambda axis: np.percentile(exact, 35, axis),
        "tsnr": lambda axis: exact.mean(axis) / exact.std(axis, ddof=1),
    }
    for (name, statistic), axis in itertools.product(statistics.items(), "ijkt"):
        element = {"filter": "reduce", "axis": axis, "statistic": name, **({"percent": 35} if name == "percentile" else {})}
        found = bench.run(scan, [element])
        expected = statistic("ijkt".index(axis))
        problems = difference(found, expected, tolerance=1e-6 * np.abs(expected).max())
        if not problems and axis != "t":
            corner = [0.0, 0.0, 0.0, 1.0]
            corner["ijk".index(axis)] = (series.shape["ijk".index(axis)] - 1) / 2
            if np.abs(found.affine[:3, 3] - (AFFINE @ corner)[:3]).max() > 1e-5:
                problems = [f"expected the voxel in the middle of the extent, found it at {found.affine[:3, 3]}"]
        verdicts.add(f"{name} along {axis}", problems)


def otsu(voxels, bins=256):
    """The definition: the bin after which the variance between the classes is largest."""
    counts, edges = np.histogram(voxels, bins)
    centres = (edges[:-1] + edges[1:]) / 2
    below, moment = np.cumsum(counts).astype(float), np.cumsum(counts * centres)
    above, rest = below[-1] - below, moment[-1] - moment
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.nan_to_num(below * above * (moment / below - rest / above) ** 2)
    return centres[np.argmax(variance)]


def check_thresholds(bench, verdicts, dice):
    voxels = np.where(dice.random((20, 18, 16)) < 0.4, dice.normal(30, 6, (20, 18, 16)), dice.normal(90, 9, (20, 18, 16)))
    voxels = voxels.astype(np.float32)
    scan = bench.write("o.nii", voxels)
    threshold = otsu(voxels)
    found = bench.run(scan, [{"filter": "otsu"}])
    verdicts.add("otsu", difference(found, (voxels > np.float32(threshold)).astype(np.float32)))
    if SimpleITK is None:
        print("skipped: SimpleITK is not installed (Config/peers.sh Tests/Benchmarks/requirements.txt)")
        return
    itk = SimpleITK.OtsuThresholdImageFilter()
    itk.SetNumberOfHistogramBins(256)
    itk.Execute(SimpleITK.GetImageFromArray(voxels))
    width = (voxels.max() - voxels.min()) / 256
    near = abs(itk.GetThreshold() - threshold) <= 1.5 * width
    verdicts.add("otsu beside SimpleITK", [] if near else [f"expected {itk.GetThreshold()}, found {threshold}"])


def check_boxes(bench, verdicts, dice):
    voxels = dice.integers(0, 999, (11, 10, 9)).astype(np.int16)
    scan = bench.write("c.nii", voxels)
    found = bench.run(scan, [{"filter": "crop", "from_vox": [2, 3, 1], "size_vox": [5, 6, 7]}], voxel_type="same")
    problems = difference(found, voxels[2:7, 3:9, 1:8])
    if not problems and np.abs(found.affine[:3, 3] - (AFFINE @ [2, 3, 1, 1])[:3]).max() > 1e-5:
        problems = [f"the first voxel lies at {found.affine[:3, 3]}"]
    verdicts.add("crop", problems)


def check_fslmaths(bench, verdicts):
    if not FSLMATHS.is_dir():
        print(f"skipped: no images of fslmaths at {os.path.relpath(FSLMATHS, ROOT)}")
        return
    cases = {row["case"]: row for row in csv.DictReader((FSLMATHS / "cases.csv").open())}
    for case, filters in COMMANDS.items():
        filters = json.loads(json.dumps(filters).replace("{fslmaths}", str(FSLMATHS)))
        expected = nibabel.load(FSLMATHS / "expected" / f"{case}.nii.gz").get_fdata()
        found = bench.run(FSLMATHS / "in" / f"{cases[case]['input']}.nii.gz", filters)
        verdicts.add(f"fslmaths {cases[case]['arguments']}", difference(found, expected))


def main():
    verdicts, dice = Verdicts(), np.random.default_rng(20261201)
    with scratch_folder() as folder:
        bench = Bench(pathlib.Path(folder))
        for check in (check_ranks, check_arithmetic, check_reductions, check_thresholds, check_boxes):
            check(bench, verdicts, dice)
        check_fslmaths(bench, verdicts)
    verdicts.close()


if __name__ == "__main__":
    main()
