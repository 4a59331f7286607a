#!/usr/bin/env python3
"""Compares the filter `kernel` with scipy in double, for random kernels that come apart in every way or not at all.

500 kernels of sizes 1 to 9 per axis and ranks 1 to 4, of integers and not, with borders of zeros, times 1e-12, 1 and
1e12 × boundaries × modes: each job is one medfilter process that filters a scan of float32 and one of float64. Errors
are told in units of Σ|K| · max|x|. Jobs ask for a tolerance so small that what is measured is rounding; the last cases
ask for less, and are held to the bound that the log tells.

usage: check_kernels.py [COUNT [SEED]]            (MEDFILTER names another program than the release build)
"""

import collections
import concurrent.futures
import dataclasses
import itertools
import json
import os
import pathlib
import shutil
import sys

import nibabel
import numpy as np
from scipy import ndimage

from runs import Verdicts, output_of, refused_for_want_of_neighbours, run_job, scratch_folder

MODES = {"correlate": ndimage.correlate, "convolve": ndimage.convolve}
BOUNDARIES = ["reflect", "mirror", "nearest", "wrap", "constant", "renormalise"]
LIMITS = {"float32": 3e-6, "float64": 1e-13}
NUMPY_NAMES = {"reflect": "symmetric", "mirror": "reflect", "nearest": "edge", "wrap": "wrap", "constant": "constant"}
OUTSIDE = -0.75
# Of i, j and k. Most kernels are wider than most of these along some axis.
SHAPES = [(11, 9, 8), (16, 5, 3), (4, 7, 12), (2, 3, 33), (37, 1, 6), (9, 10, 1)]


@dataclasses.dataclass
class Kernel:
    """Weights as scipy and the job file have them, k slowest, and what the job says beside them."""

    name: str
    weights: np.ndarray
    origin: tuple  # of i, j and k
    shape: tuple  # of the scans that it filters
    tolerance: float = 3e-14

    @property
    def size(self):
        return np.abs(self.weights).sum()

    @property
    def boundaries(self):
        """All; without weights of a mean there is no `renormalise`."""
        return BOUNDARIES if self.weights.min() >= 0 else BOUNDARIES[:-1]

    def filter(self, boundary, mode):
        element = {"filter": "kernel", "weights": self.weights.tolist(), "mode": mode, "boundary": boundary}
        if boundary == "constant":
            element["value"] = OUTSIDE
        return {**element, "origin_vox": list(self.origin), "tolerance": self.tolerance}

    def reference(self, voxels, boundary, mode):
        """scipy's result, and what it was divided by: errors before a division count, not what it makes of them."""
        # scipy leaves out weights below 2.2e-16. A power of two takes the largest to 1 or more without rounding.
        unit = 2.0 ** np.floor(np.log2(np.abs(self.weights).max()))
        if boundary != "renormalise":
            return self.scipy(voxels, boundary, mode, unit) * unit, 1
        inside = self.scipy(np.ones(voxels.shape), "zero", mode, unit)
        with np.errstate(invalid="ignore", divide="ignore"):
            sums = self.scipy(voxels, "zero", mode, unit)
            return np.where(inside > 0, sums / inside, np.nan), inside * unit

    def scipy(self, voxels, boundary, mode, unit):
        """As scipy filters; beyond twice the volume its `reflect` reads beside the line, so numpy extends it there."""
        name, outside = ("constant", 0) if boundary == "zero" else (boundary, OUTSIDE)
        ends = [(n, n) if n > 2 * length else (0, 0) for n, length in zip(self.weights.shape, voxels.shape)]
        value = {"constant_values": outside} if name == "constant" else {}
        wider = np.pad(voxels, ends, NUMPY_NAMES[name], **value)
        found = MODES[mode](wider, self.weights / unit, mode=name, cval=outside, origin=self.origin[::-1])
        return found[tuple(slice(end, end + length) for (end, _), length in zip(ends, voxels.shape))]


def random_kernel(index, seed):
    rng = np.random.default_rng([seed, index])
    size = rng.integers(1, 10, 3)  # of k, j and i
    is_integer, is_positive, has_border = rng.random(3) < [0.4, 0.4, 0.25]
    weights = np.zeros(size)
    while not weights.any():
        for _ in range(1 + index % 4):
            factors = [rng.integers(-9, 10, n) if is_integer else rng.normal(size=n) for n in size]
            weights = weights + np.einsum("k,j,i->kji", *(np.abs(f) if is_positive else f for f in factors))
        if has_border:
            inner = tuple(slice(1, -1) if n > 2 else slice(None) for n in size)
            weights, whole = np.zeros(size), weights
            weights[inner] = whole[inner]
    origin = tuple(int(rng.integers(-(n // 2), n - n // 2)) for n in size[::-1])
    scaled = weights * rng.choice([1e-12, 1.0, 1e12])
    return Kernel(f"kernel {index} of seed {seed}", scaled, origin, SHAPES[rng.integers(len(SHAPES))])


def rough_kernels():
    """Kernels of high rank that a few terms come near to, with tolerances that matter."""
    k, j, i = np.mgrid[-6:7, -6:7, -6:7]
    square = i * i + j * j + k * k
    shapes = {
        "ball": (square <= 36).astype(float),
        "cone": np.maximum(0, 6 - np.sqrt(square)),
        "gabor": np.exp(-square / 18) * np.cos(0.5 * i + 0.4 * j + 0.3 * k) * (1 + 0.1 * i),
        "ridge": np.exp(-np.abs(i + j - k)),
    }
    for name, weights in shapes.items():
        for tolerance in (1e-1, 1e-3, 1e-6):
            yield Kernel(f"{name} to {tolerance}", weights, (0, 0, 0), SHAPES[0], tolerance)


def make_scans(folder):
    rng = np.random.default_rng(7)
    for shape in SHAPES:
        place = scans_of(folder, shape)
        place.mkdir(parents=True)
        for kind in LIMITS:
            voxels = rng.uniform(-1, 1, shape).astype(kind)
            nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4)), place / f"{kind}.nii")


def scans_of(folder, shape):
    return folder / "scans" / "x".join(map(str, shape))


def voxels_of(path):
    """k slowest, in double."""
    return np.asarray(nibabel.load(path).dataobj, np.float64).T


@dataclasses.dataclass
class Outcome:
    name: str
    problems: list
    errors: dict  # the worst of each type of scan, in units of Σ|K| · max|x|
    methods: set


def check(kernel, folder):
    """Filters the scans with every boundary and mode."""
    outcome = Outcome(kernel.name, [], dict.fromkeys(LIMITS, 0.0), set())
    scans = scans_of(folder, kernel.shape)
    originals = {kind: voxels_of(scans / f"{kind}.nii") for kind in LIMITS}
    for boundary, mode in itertools.product(kernel.boundaries, MODES):
        job = f"{kernel.name}-{boundary}-{mode}".replace(" ", "_")
        filters = [kernel.filter(boundary, mode)]
        outputs, process = run_job(folder, job, scans, filters, "nii", "--threads", "1", voxel_type="float64")
        refused = refused_for_want_of_neighbours(process, kernel.weights, kernel.shape[: kernel.weights.ndim][::-1])
        if refused:
            continue
        if process.returncode != 0 or refused is False:
            outcome.problems.append(f"{boundary}, {mode}: status {process.returncode}: {process.stderr.strip()}")
            continue
        record = record_of(outputs)
        outcome.methods.add(record["method"])
        for kind, voxels in originals.items():
            found = voxels_of(output_of(scans / f"{kind}.nii", scans, outputs, "nii"))
            error = error_of(found, kernel, voxels, boundary, mode)
            outcome.errors[kind] = max(outcome.errors[kind], error)
            for allowed, reason in limits(kernel, record, kind, boundary):
                # Written so that NaN is a failure.
                if not error <= allowed:
                    outcome.problems.append(f"{boundary}, {mode}, {kind}: {error:.2e}, {reason} {allowed:.2e}")
        shutil.rmtree(outputs)
    return outcome


def limits(kernel, record, kind, boundary):
    """What errors are held to, and why."""
    if kernel.tolerance < min(LIMITS.values()):
        yield LIMITS[kind], "allowed"
    # The bounds are those of the sum of weighted voxels, not of what it is divided by.
    if boundary != "renormalise":
        yield (record["bound"] + record["rounding_bound"][kind]) / kernel.size, "the log promises"


def error_of(found, kernel, voxels, boundary, mode):
    """The largest difference to scipy, in units of Σ|K| · max|x|; infinite when NaN stands elsewhere."""
    expected, divisor = kernel.reference(voxels, boundary, mode)
    if not np.array_equal(np.isnan(found), np.isnan(expected)):
        return np.inf
    largest = max(np.abs(voxels).max(), abs(OUTSIDE) if boundary == "constant" else 0)
    return float(np.nanmax(np.abs(found - expected) * divisor, initial=0) / (kernel.size * largest))


def record_of(outputs):
    """What the log says of the kernel."""
    lines = map(json.loads, (outputs / "provenance.jsonl").read_text().splitlines())
    return next(line for line in lines if line["type"] == "kernel")


def tell(outcomes, verdicts):
    """The verdicts on some kernels, and a summary of them."""
    worst, methods = collections.Counter(), collections.Counter()
    for outcome in outcomes:
        verdicts.add(outcome.name, outcome.problems)
        methods.update(outcome.methods)
        for kind, error in outcome.errors.items():
            worst[kind] = max(worst[kind], error)
    print("  " + ", ".join(f"{number} {method}" for method, number in methods.most_common()))
    print("  worst error: " + ", ".join(f"{error:.1e} in {kind}" for kind, error in worst.items()), flush=True)
    return methods


def main():
    count, seed = (list(map(int, sys.argv[1:])) + [500, 20261121][len(sys.argv) - 1 :])[:2]
    random_kernels = [random_kernel(index, seed) for index in range(count)]
    verdicts = Verdicts()
    with scratch_folder() as scratch, concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        folder = pathlib.Path(scratch)
        make_scans(folder)
        print(f"{count} random kernels (seed {seed}), errors in units of Σ|K| · max|x|, allowed {LIMITS}", flush=True)
        methods = tell(pool.map(check, random_kernels, itertools.repeat(folder), chunksize=4), verdicts)
        missing = {"separable", "rank-r", "dense"} - set(methods)
        verdicts.add("every method was chosen for some kernel", [f"{name} never was" for name in missing])
        print("kernels that a few terms come near to, held to the bounds of the log", flush=True)
        methods = tell(pool.map(check, rough_kernels(), itertools.repeat(folder)), verdicts)
        verdicts.add("terms come near to some of them", [] if methods["rank-r"] > 5 else ["hardly ever"])
    verdicts.close()


if __name__ == "__main__":
    main()
