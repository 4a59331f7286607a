#!/usr/bin/env python3
"""Holds linear filters and `medfilter kernel` to what the job-file reference and the numerics page promise.

The reference is a slow one of its own, in double: voxels beyond the volume are looked up by the formula of the boundary,
every window is multiplied out, and absent voxels are left out of both sums. Random cases go through every boundary with
masks, absent voxels, even sizes, origins off the centre, kernels wider than the volume and scans of 2 to 4 dimensions;
documents of `medfilter kernel` are recomputed with numpy from weights in every form.

usage: check_contract.py [COUNT [SEED]]           (MEDFILTER names another program than the release build)
"""

import concurrent.futures
import dataclasses
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys

import nibabel
import numpy as np
from scipy import ndimage

from runs import Verdicts, output_of, program, run_job, scratch_folder

AXES = "ijk"
BOUNDARIES = ["reflect", "mirror", "nearest", "wrap", "constant", "renormalise"]
LIMITS = {"float32": 3e-6, "float64": 1e-13}
CONSTANT = 3.7
SHAPES = [(7, 6, 5), (12, 1, 4), (3, 2, 9), (1, 5, 8), (5, 4), (6, 5, 4, 3), (2, 3, 4, 2, 2)]


# MARK: The reference


def source(positions, length, boundary):
    """Which voxel of a line stands in for each position; -1 where none does."""
    if boundary == "reflect":
        phase = positions % (2 * length)
        return np.minimum(phase, 2 * length - 1 - phase)
    if boundary == "mirror":
        period = max(2 * length - 2, 1)
        return np.minimum(positions % period, period - positions % period)
    if boundary == "nearest":
        return np.clip(positions, 0, length - 1)
    if boundary == "wrap":
        return positions % length
    return np.where((positions >= 0) & (positions < length), positions, -1)


def extended(frame, lengths, origins, boundary, outside):
    """The frame with all that a kernel of these lengths reaches beyond it."""
    for axis, (length, origin) in enumerate(zip(lengths, origins)):
        count = frame.shape[axis]
        indices = source(np.arange(-origin, count + length - 1 - origin), count, boundary)
        frame = np.take(frame, indices, axis)
        frame[(slice(None),) * axis + (indices < 0,)] = outside
    return frame


def correlate(frame, weights, origins, boundary, outside):
    windows = np.lib.stride_tricks.sliding_window_view(
        extended(frame, weights.shape, origins, boundary, outside), weights.shape
    )
    return np.einsum("abcijk,ijk->abc", windows, weights)


@dataclasses.dataclass
class Case:
    """One filter on one scan. Weights and origin are those to correlate with, along i, j and k."""

    name: str
    element: dict
    weights: np.ndarray
    origins: tuple
    scan: np.ndarray
    mask: np.ndarray | None = None
    nonfinite: str = "refuse"

    @property
    def boundary(self):
        return self.element.get("boundary", "reflect")

    @property
    def size(self):
        return np.abs(self.weights).sum()

    @property
    def is_constant(self):
        return (self.scan[np.isfinite(self.scan)] == CONSTANT).all()

    def expected(self, frame):
        """The filtered frame, the weight that each voxel was divided by, and whether the voxel is known.

        Unknown are voxels so near a limit that rounding decides; the weight is 1 where nothing is divided.
        """
        value = self.element.get("value", 0)
        finite = np.isfinite(frame)
        if self.nonfinite == "zero":
            frame, finite = np.where(finite, frame, 0), np.ones(frame.shape, bool)
        absent = self.nonfinite == "ignore" and not finite.all()
        divides = absent or self.mask is not None or self.boundary == "renormalise"
        if not divides:
            return correlate(frame, self.weights, self.origins, self.boundary, value), np.ones(frame.shape), finite | True
        present = (finite if absent else np.ones(frame.shape, bool)) & (True if self.mask is None else self.mask)
        beyond = 0 if self.boundary == "renormalise" else 1
        sums = correlate(np.where(present, frame, 0), self.weights, self.origins, self.boundary, value)
        weight = correlate(present.astype(float), self.weights, self.origins, self.boundary, beyond)
        return self.divided(frame, sums, weight)

    def divided(self, frame, sums, weight):
        share = weight / self.weights.sum()
        least = self.element.get("min_weight", 1e-9) if self.mask is not None else 0
        is_outside = (share < least) | (share < 1e-15)
        # Sums of terms that cancel know small weights less well, and so need more of it.
        known = (np.abs(share - least) > 1e-6) & (is_outside | (share > 1e-5)) | (share < 1e-15)
        gain = self.weights.sum() if self.mask is None and self.boundary != "renormalise" else 1
        with np.errstate(invalid="ignore", divide="ignore"):
            result = sums / weight * gain
        if self.mask is not None:
            is_outside |= ~self.mask
            known |= ~self.mask
        fill = {"keep": frame, "zero": 0, "nan": np.nan}[self.element.get("mask_outside", "keep")]
        result = np.where(is_outside, fill if self.mask is not None else np.nan, result)
        return result, np.where(is_outside, self.size, weight / gain), known


# MARK: Random cases


def random_weights(rng, lengths):
    """Weights of a mean: an outer product, a sum of two, or none."""
    rank = rng.integers(1, 4)
    if rank == 3:
        return rng.uniform(0.1, 1, lengths)
    factors = [[rng.uniform(0.1, 1, length) for length in lengths] for _ in range(rank)]
    return sum(np.einsum("i,j,k->ijk", *term) for term in factors)


def kernel_element(rng, has_signs):
    """A filter `kernel` along one to three axes, and what it is to correlate with."""
    names = sorted(rng.choice(list(AXES), rng.integers(1, 4), replace=False))
    lengths = [int(rng.integers(1, 8)) if name in names else 1 for name in AXES]
    weights = random_weights(rng, lengths)
    if has_signs:
        weights = weights * rng.choice([-1.0, 1.0], lengths)
    origins = [int(rng.integers(-(n // 2), n - n // 2)) for n in lengths]
    mode = str(rng.choice(["convolve", "correlate"]))
    normalise = str(rng.choice(["none", "sum", "abs_sum"])) if abs(weights.sum()) > 0.1 else "none"
    written = np.squeeze(weights, tuple(axis for axis, name in enumerate(AXES) if name not in names)).T
    element = {"filter": "kernel", "weights": written.tolist(), "mode": mode, "axes": [str(name) for name in names]}
    element |= {"normalise": normalise, "origin_vox": origins, "tolerance": 1e-14}
    centres = [n // 2 + origin for n, origin in zip(lengths, origins)]
    if mode == "convolve":
        weights = weights[::-1, ::-1, ::-1]
        centres = [n - 1 - centre for n, centre in zip(lengths, centres)]
    divisor = {"none": 1, "sum": weights.sum(), "abs_sum": np.abs(weights).sum()}[normalise]
    return element, weights / divisor, centres


def gaussian_element(rng):
    sigmas = [float(s) for s in np.round(rng.uniform(0.4, 1.6, 3), 2)]
    element = {"filter": "gaussian", "sigma_vox": sigmas, "truncate": 3}
    factors = []
    for sigma in sigmas:
        offsets = np.arange(-int(3 * sigma + 0.5), int(3 * sigma + 0.5) + 1)
        factors.append(np.exp(-0.5 * (offsets / sigma) ** 2) / np.exp(-0.5 * (offsets / sigma) ** 2).sum())
    return element, np.einsum("i,j,k->ijk", *factors), [len(factor) // 2 for factor in factors]


def box_element(rng):
    lengths = [int(n) for n in rng.integers(1, 8, 3)]
    return {"filter": "box", "size_vox": lengths}, np.full(lengths, 1 / np.prod(lengths)), [n // 2 for n in lengths]


def random_mask(rng, shape):
    kind = rng.integers(5)
    if kind < 3:
        return rng.random(shape) < [0.9, 0.5, 0.05][kind]
    return np.full(shape, kind == 3)


def random_case(index, seed):
    rng = np.random.default_rng([seed, index])
    shape = SHAPES[index % len(SHAPES)]
    boundary = BOUNDARIES[index // len(SHAPES) % len(BOUNDARIES)]
    nonfinite = str(rng.choice(["refuse", "ignore", "propagate", "zero"]))
    spatial = (shape + (1,))[:3]
    mask = random_mask(rng, spatial) if rng.random() < 0.5 else None
    # What divides by a sum of weights takes no weights below 0.
    has_signs = mask is None and boundary != "renormalise" and nonfinite != "ignore" and rng.random() < 0.5
    element, weights, origins = [lambda r: kernel_element(r, has_signs), gaussian_element, box_element][
        min(rng.integers(4), 2) if index % 3 else 0
    ](rng)
    if len(shape) == 2 and weights.shape[2] > 1:
        # A 2-D scan has no k axis: a kernel along it is refused, other filters leave it alone.
        if element["filter"] == "kernel":
            return random_case(index + 1_000_000, seed)
        weights, origins = weights.sum(2, keepdims=True), origins[:2] + [0]
    element["boundary"] = boundary
    if boundary == "constant":
        element["value"] = -0.75
    if mask is not None:
        element |= {"mask": f"mask-{index}.nii", "mask_outside": str(rng.choice(["keep", "zero", "nan"]))}
        element["min_weight"] = float(rng.choice([1e-9, 0.3, 1.0]))
    scan = np.full(shape, CONSTANT) if index % 5 == 4 else rng.uniform(-1, 1, shape) + rng.choice([0, 3])
    if nonfinite != "refuse" and rng.random() < 0.8:
        holes = rng.random(shape) < rng.choice([0.02, 0.4])
        scan[holes] = np.nan if nonfinite == "propagate" else rng.choice([np.nan, np.inf, -np.inf], holes.sum())
    return Case(f"case {index} of seed {seed}", element, weights, tuple(origins), scan, mask, nonfinite)


# MARK: Running


def run_case(case, folder):
    """What is wrong with the outputs of a case, and the worst error of each type of scan."""
    home = folder / case.name.replace(" ", "-")
    scans = home / "scans"
    scans.mkdir(parents=True)
    stored = {kind: case.scan.astype(kind) for kind in LIMITS}
    for kind, voxels in stored.items():
        nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4)), scans / f"{kind}.nii")
    if case.mask is not None:
        nibabel.save(nibabel.Nifti1Image(case.mask.astype(np.uint8), np.eye(4)), home / case.element["mask"])
    outputs, process = run_job(
        home, "job", scans, [case.element], "nii", "--threads", "2", policy={"nonfinite": case.nonfinite},
        voxel_type="float64",
    )
    problems = [] if process.returncode == 0 else [f"status {process.returncode}: {process.stderr.strip()}"]
    if not problems:
        for kind, voxels in stored.items():
            found = np.asarray(nibabel.load(output_of(scans / f"{kind}.nii", scans, outputs, "nii")).dataobj)
            problems += compare(case, kind, voxels.astype(float), found)
    shutil.rmtree(home)
    if problems:
        problems.insert(0, f"{json.dumps(case.element)} on {case.scan.shape}, nonfinite {case.nonfinite}")
    return problems


def compare(case, kind, scan, found):
    if found.shape != scan.shape:
        return [f"{kind}: shape {found.shape}"]
    spatial = (scan.shape + (1,))[:3]
    problems = []
    for index, (before, after) in enumerate(zip(frames(scan, spatial), frames(found, spatial))):
        expected, weight, known = case.expected(before)
        largest = np.abs(np.where(np.isfinite(before), before, 0)).max(initial=0.75)
        # NaN equals NaN, infinities equal themselves, and only what is known counts.
        same = (after == expected) | (np.isnan(after) & np.isnan(expected)) | ~known
        with np.errstate(invalid="ignore"):
            error = np.where(same, 0, np.abs(after - expected) * weight / (case.size * largest))
        if not np.nan_to_num(error, nan=np.inf).max() <= LIMITS[kind]:
            at = np.unravel_index(np.nan_to_num(error, nan=np.inf).argmax(), spatial)
            at = tuple(map(int, at))
            problems.append(
                f"{kind}, frame {index}, voxel {at}: {after[at]}, expected {expected[at]}, error {error[at]:.2e}"
            )
        # What is constant inside the mask stays so, however little of the kernel's weight is in reach.
        steady = np.isclose(expected, CONSTANT, rtol=1e-6) & known & case.is_constant
        if not (np.abs(after[steady] / CONSTANT - 1) <= 1e-6).all():
            problems.append(f"{kind}, frame {index}: {CONSTANT} became {after[steady].min()} to {after[steady].max()}")
    return problems


def frames(scan, spatial):
    return np.moveaxis(scan.reshape(spatial + (-1,), order="F"), 3, 0)


# MARK: Bounds, and numbers that Float does not hold


def rough_weights():
    """Kernels that a few terms come near to, in 2-D and 3-D."""
    i, j, k = np.mgrid[-5:6, -6:7, -4:5]
    yield "ball", (i**2 + j**2 + k**2 <= 20).astype(float)
    yield "gabor", np.exp(-(i**2 + j**2 + k**2) / 18) * np.cos(0.5 * i + 0.4 * j + 0.3 * k)
    yield "disc", (i**2 + j**2 <= 18).astype(float)[:, :, :1]
    yield "noisy product", 1 + 1e-4 * np.random.default_rng(5).normal(size=i.shape)


def check_bound(weights, tolerance, folder):
    """The bound is reached by the input that agrees with the error in every sign, and told alike everywhere."""
    element = {"weights": np.transpose(weights).tolist(), "tolerance": tolerance}
    path = folder / "rough.json"
    path.write_text(json.dumps(element))
    document = json.loads(subprocess.run([program(), "kernel", str(path), "--json"], capture_output=True).stdout)
    rebuilt = sum(np.einsum("i,j,k->ijk", *(np.array(term[name]) for name in AXES)) for term in document["terms"])
    worst = np.where(weights >= rebuilt, 1.0, -1.0)
    scans = folder / "worst"
    scans.mkdir(exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(worst, np.eye(4)), scans / "worst.nii")
    filters = [{"filter": "kernel", "mode": "correlate", "axes": list(AXES), **element}]
    outputs, process = run_job(folder, "bound", scans, filters, "nii", voxel_type="float64")
    if process.returncode != 0:
        return [process.stderr.strip()]
    found = nibabel.load(output_of(scans / "worst.nii", scans, outputs, "nii")).get_fdata()
    error = abs(found[tuple(n // 2 for n in weights.shape)] - (weights * worst).sum())
    lines = map(json.loads, (outputs / "provenance.jsonl").read_text().splitlines())
    record = next(line for line in lines if line["type"] == "kernel")
    shutil.rmtree(outputs)
    bound, rounding = document["bound"], document["rounding_bound"]["float64"]
    problems = [] if bound - rounding <= error <= bound + rounding else [f"error {error}, bound {bound}"]
    if document["method"] == "dense" or not 0 < bound <= tolerance * np.abs(weights).sum() * (1 + 1e-12):
        problems.append(f"{document['method']} with bound {bound}")
    return problems + ([] if record["bound"] == bound else [f"the log says {record['bound']}, kernel {bound}"])


BEYOND_FLOAT = {
    "small weights": [{"filter": "kernel", "weights": [[1e-50, 3e-50], [2e-50, 5e-50]], "mode": "correlate"}],
    "large weights": [{"filter": "kernel", "weights": [1e50, 3e50, -2e50], "mode": "correlate"}],
    "small and large steps": [{"filter": "scale", "slope": 1e-30}, {"filter": "scale", "slope": 1e-30}]
    + [{"filter": "scale", "slope": 1e60}],
    "a large slope": [{"filter": "scale", "slope": 1e60, "intercept": 1e58}],
    "a large value outside": [{"filter": "box", "size_vox": 3, "boundary": "constant", "value": 1e60}],
}


def check_beyond_float(filters, folder):
    """A float32 scan with zeros, filtered with numbers that have no place in Float."""
    scans = folder / "plain"
    scans.mkdir(exist_ok=True)
    voxels = np.random.default_rng(9).integers(-3, 4, (6, 5, 4)).astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4)), scans / "plain.nii")
    outputs, process = run_job(folder, "beyond", scans, filters, "nii", voxel_type="float64")
    if process.returncode != 0:
        return [process.stderr.strip()]
    found = nibabel.load(output_of(scans / "plain.nii", scans, outputs, "nii")).get_fdata()
    shutil.rmtree(outputs)
    expected = voxels.astype(float)
    for element in filters:
        if element["filter"] == "scale":
            expected = expected * element["slope"] + element.get("intercept", 0)
        elif element["filter"] == "box":
            expected = ndimage.uniform_filter(expected, 3, mode="constant", cval=element["value"])
        else:
            weights = np.atleast_2d(element["weights"]).T[:, :, None]
            centre = [n // 2 for n in weights.shape]
            expected = correlate(expected, weights, centre, "reflect", 0)
    error = np.abs(found - expected).max() / np.abs(expected).max()
    return [] if error <= 1e-14 else [f"differs by {error:.1e} of the largest voxel"]


def check_constant(element, folder):
    """Inside a mask, constants stay what they are to a millionth, whatever the number of weights."""
    scans, constants = folder / "constants", [0.1, 1.1, 3.7, 77.7, 1000.3]
    scans.mkdir(exist_ok=True)
    mask = np.random.default_rng(4).random((24, 21, 30)) < 0.6
    nibabel.save(nibabel.Nifti1Image(mask.astype(np.uint8), np.eye(4)), folder / "mask.nii")
    for constant in constants:
        image = nibabel.Nifti1Image(np.full(mask.shape, constant, np.float32), np.eye(4))
        nibabel.save(image, scans / f"{constant}.nii")
    filters = [{**element, "mask": "mask.nii"}]
    outputs, process = run_job(folder, "constant", scans, filters, "nii", voxel_type="float64")
    if process.returncode != 0:
        return [process.stderr.strip()]
    problems = []
    for constant in constants:
        found = nibabel.load(output_of(scans / f"{constant}.nii", scans, outputs, "nii")).get_fdata()[mask]
        error = np.abs(found / np.float64(np.float32(constant)) - 1).max()
        problems += [] if error <= 1e-6 else [f"{constant} is off by {error:.1e}"]
    shutil.rmtree(outputs)
    return problems


LONG = {
    "box of 21 voxels": {"filter": "box", "size_vox": 21},
    "box of 101 voxels": {"filter": "box", "size_vox": 101},
    "gaussian of 10 voxels": {"filter": "gaussian", "sigma_vox": 10},
    "ball": {"filter": "kernel", "weights": (np.sum(np.mgrid[-4:5, -4:5, -4:5] ** 2, 0) <= 16).astype(int).tolist()},
}


# MARK: `medfilter kernel`


FORMS = ["weights.json", "weights.nii", "weights.nii.gz", "weights.hdr", "job.json"]


def shown_weights(index, seed):
    """Kernels that are exact products, sums of products within a tolerance, sparse, large, tiny, or nothing of all."""
    rng = np.random.default_rng([seed, 1, index])
    size = [int(n) for n in rng.integers(1, 9, 3)]
    integers = index % 2 == 0
    rank = rng.integers(1, 4)
    weights = sum(
        np.einsum("i,j,k->ijk", *(rng.integers(-9, 10, n) if integers else rng.normal(size=n) for n in size))
        for _ in range(rank)
    ).astype(float)
    if index % 5 == 3:
        weights[0], weights[:, -1] = 0, 0
    if index % 7 == 4:
        weights = rng.normal(size=size)
    return weights * (1 if integers else rng.choice([1e-200, 1e-12, 1.0, 1e12, 1e200])), float(rng.choice([1e-6, 1e-3]))


def describe(form, weights, tolerance, folder):
    """Writes the weights in a form, and returns the document that `medfilter kernel` prints of it."""
    path = folder / form
    element = {"weights": np.transpose(weights).tolist(), "tolerance": tolerance}
    options = ["--filter", "1"] if form == "job.json" else []
    if form == "weights.json":
        path.write_text(json.dumps(element))
    elif form == "job.json":
        filters = [{"filter": "scale", "slope": 2}, {"filter": "kernel", "mode": "convolve", **element}]
        job = {"medfilter": 1, "name": "a", "input": {"root": "in"}, "filters": filters, "output": {"root": "out"}}
        path.write_text(json.dumps(job))
    elif form == "weights.hdr":
        nibabel.save(nibabel.Nifti1Pair(weights, np.eye(4)), path.with_suffix(".img"))
    else:
        nibabel.save(nibabel.Nifti1Image(weights, np.eye(4)), path)
    process = subprocess.run([program(), "kernel", str(path), "--json", *options], capture_output=True, text=True)
    if process.returncode != 0:
        return None, f"{form}: status {process.returncode}: {process.stderr.strip()}"
    return json.loads(process.stdout), None


def check_shown(index, seed, folder):
    """Every form of some weights says the same, and it is true."""
    weights, tolerance = shown_weights(index, seed)
    home = folder / f"shown-{index}"
    home.mkdir()
    problems, documents = [], {}
    for form in FORMS:
        # A scan comes without a tolerance of its own.
        document, problem = describe(form, weights, tolerance, home)
        problems += [problem] if problem else [f"{form}: {said}" for said in falsehoods(document, weights, tolerance if form.endswith("json") else 1e-6)]
        documents[form] = document
    for form in ("weights.nii.gz", "weights.hdr"):
        if documents[form] != documents["weights.nii"]:
            problems.append(f"{form} and weights.nii differ")
    shutil.rmtree(home)
    return [f"size {weights.shape}, tolerance {tolerance}"] + problems if problems else []


def rank_within(tolerance, unfoldings):
    """The largest number of singular values of an unfolding above the tolerance."""
    return max(sum(value > tolerance * values[0] for value in values) for values in unfoldings.values() if values)


def falsehoods(document, weights, tolerance):
    """What a document says that numpy does not find."""
    size, wrong = list(weights.shape), []

    def hold(is_true, what):
        if not is_true:
            wrong.append(what)

    unit = 2.0 ** np.floor(np.log2(np.abs(weights).max())) if weights.any() else 1.0
    near = weights / unit
    total = np.abs(near).sum()
    hold(document["size"] == size and document["origin"] == [n // 2 for n in size], "size or origin")
    hold(document["multiplies_before"] == weights.size, "multiplies_before")
    ranks = [1 if weights.any() else 0]
    for axis, name in enumerate(AXES):
        values = np.array(document["unfoldings"][name]) / unit
        if size[axis] == 1 and not (name == "i" and weights.size == 1):
            hold(len(values) == 0, f"singular values along {name}, of length 1")
            continue
        exact = np.linalg.svd(np.moveaxis(near, axis, 0).reshape(size[axis], -1), compute_uv=False)
        hold(np.allclose(values, exact[: len(values)], rtol=1e-13, atol=1e-14 * exact[0]), f"singular values along {name}")
        hold(all(value <= 1e-14 * exact[0] for value in exact[len(values) :]), f"too few singular values along {name}")
        ranks.append(int((exact > 1e-9 * exact[0]).sum()) if exact[0] > 0 else 0)
    terms, bound = document["terms"], document["bound"] / unit
    least = 2 if document["method"] != "separable" else int(weights.any())
    hold(document["rank"] == max(rank_within(tolerance, document["unfoldings"]), least), "rank")
    if document["method"] == "dense":
        hold(terms == [] and bound == 0 and document["multiplies_after"] == weights.size, "a dense kernel with terms")
        return wrong
    hold((document["method"] == "separable") == (len(terms) == 1), "method and number of terms")
    hold(all([len(term[name]) for name in AXES] == size for term in terms), "lengths of factors")
    rebuilt = sum(np.einsum("i,j,k->ijk", *(np.array(term[name], float) for name in AXES)) for term in terms)
    residual = np.abs(near - rebuilt / unit).sum()
    hold(abs(residual - bound) <= 1e-15 * total * len(terms), f"bound {bound}, found {residual}")
    if document["integer"]:
        taps = [tap for term in terms for name in AXES for tap in term[name]]
        hold(all(isinstance(tap, int) for tap in taps), "integers that are not")
        hold(exact_product(terms) == np.transpose(weights).astype(object).tolist(), "integers that are not exact")
    if len(terms) == 1 and weights.any():
        hold(document["rank"] == 1, "rank of an outer product")
        longs = sum(n for n in size if n > 1) or int(weights[0, 0, 0] != 1)
        hold(document["multiplies_after"] == longs, "multiplies_after of an outer product")
    if (weights == weights.round()).all() and np.abs(weights).max(initial=0) < 2**53 and max(ranks) < 2:
        hold(document["integer"], "an outer product of integers that was not found")
    return wrong


NAMED = {
    "--gaussian sigma_vox=1.5,1,0.7": lambda x: ndimage.gaussian_filter(x, (1.5, 1, 0.7)),
    "--gaussian fwhm_mm=5,truncate=3,order=1,0,2 --spacing 1,2,1.5": lambda x: ndimage.gaussian_filter(
        x, np.array([5, 5, 5]) / np.sqrt(8 * np.log(2)) / [1, 2, 1.5], (1, 0, 2), truncate=3
    ),
    "--gaussian sigma_mm=2,axes=i,k --spacing 2": lambda x: ndimage.gaussian_filter(x, (1, 0, 1)),
    "--box size_vox=4,3,1": lambda x: ndimage.uniform_filter(x, (4, 3, 1)),
    "--box width_mm=7.5 --spacing 1,2.5,5": lambda x: ndimage.uniform_filter(x, (7, 3, 1)),
    "--peak height=3.5,sigma_vox=3,3,0,truncate=2": lambda x: ndimage.gaussian_filter(x, (3, 3, 0), truncate=2)
    * (3.5 / ndimage.gaussian_filter1d(np.eye(1, 31, 15)[0], 3, truncate=2)[15] ** 2),
    "--log sigma_vox=1.2": lambda x: ndimage.gaussian_laplace(x, 1.2),
    "--log sigma_vox=1,2,1,axes=i,j": lambda x: ndimage.gaussian_filter(x, (1, 2, 0), (2, 0, 0))
    + ndimage.gaussian_filter(x, (1, 2, 0), (0, 2, 0)),
    "--dog sigma_vox=1,ratio=1.5": lambda x: ndimage.gaussian_filter(x, 1) - ndimage.gaussian_filter(x, 1.5),
    "--laplacian ": ndimage.laplace,
    "--laplacian neighbours=26": lambda x: 27 * ndimage.uniform_filter(x, 3) - 27 * x,
    "--laplacian neighbours=8,axes=j,k": lambda x: 9 * ndimage.uniform_filter(x, (1, 3, 3)) - 9 * x,
    "--sobel axis=j": lambda x: ndimage.sobel(x, 1),
    "--prewitt axis=k": lambda x: ndimage.prewitt(x, 2),
    "--binomial size_vox=3,1,4,normalise=sum": lambda x: ndimage.correlate1d(
        ndimage.correlate1d(x, np.array([1, 2, 1]) / 4, 0), np.array([1, 3, 3, 1]) / 8, 2
    ),
}


def check_named(options):
    """The terms of a kernel that is known by its name, against what scipy makes of one voxel."""
    process = subprocess.run([program(), "kernel", "--json", *options.split(" ")], capture_output=True, text=True)
    if process.returncode != 0:
        return [f"status {process.returncode}: {process.stderr.strip()}"]
    document = json.loads(process.stdout)
    rebuilt = sum(np.einsum("i,j,k->ijk", *(np.array(term[name]) for name in AXES)) for term in document["terms"])
    volume = np.zeros((31, 31, 31))
    volume[15, 15, 15] = 1
    # Correlating one voxel with a kernel shows the kernel turned round.
    shown = NAMED[options](volume)[::-1, ::-1, ::-1]
    origin, size = document["origin"], document["size"]
    reach = tuple(slice(15 - start, 15 - start + length) for start, length in zip(origin, size))
    expected, volume[:] = shown[reach], 0
    volume[reach] = expected
    problems = [] if np.array_equal(volume, shown) else ["scipy's kernel reaches further"]
    error = np.abs(rebuilt - expected).max() / np.abs(expected).max()
    problems += falsehoods(document, rebuilt, 1e-6)
    return problems + ([] if error <= 4e-15 else [f"differs by {error:.1e} of the largest weight"])


def exact_product(terms):
    """The sum of the outer products in Python's integers, k slowest."""
    return [
        [
            [sum(term["i"][i] * term["j"][j] * term["k"][k] for term in terms) for i in range(len(terms[0]["i"]))]
            for j in range(len(terms[0]["j"]))
        ]
        for k in range(len(terms[0]["k"]))
    ]


def main():
    count, seed = (list(map(int, sys.argv[1:])) + [504, 20261121][len(sys.argv) - 1 :])[:2]
    verdicts = Verdicts()
    with scratch_folder() as scratch, concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        folder = pathlib.Path(scratch)
        cases = [random_case(index, seed) for index in range(count)]
        print(f"{count} random filters (seed {seed}) with masks and absent voxels", flush=True)
        for case, problems in zip(cases, pool.map(run_case, cases, itertools.repeat(folder), chunksize=4)):
            verdicts.add(case.name, problems)
        shown = range(count // 2)
        print(f"{len(shown)} kernels as `medfilter kernel` shows them, in {len(FORMS)} forms", flush=True)
        results = pool.map(check_shown, shown, itertools.repeat(seed), itertools.repeat(folder), chunksize=4)
        for index, problems in zip(shown, results):
            verdicts.add(f"shown kernel {index} of seed {seed}", problems)
        for (name, weights), tolerance in itertools.product(rough_weights(), (1e-1, 1e-3)):
            verdicts.add(f"the bound of a {name} to {tolerance}", check_bound(weights, tolerance, folder))
        for name, filters in BEYOND_FLOAT.items():
            verdicts.add(f"{name} on a scan of float32", check_beyond_float(filters, folder))
        for name, element in LONG.items():
            verdicts.add(f"constants under a {name}", check_constant(element, folder))
        for options in NAMED:
            verdicts.add(f"medfilter kernel {options}", check_named(options))
    verdicts.close()


if __name__ == "__main__":
    main()
