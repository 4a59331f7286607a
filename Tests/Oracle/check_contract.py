#!/usr/bin/env python3
"""Holds linear filters to what the job-file reference and the numerics page promise.

Random filters go through every boundary with masks, absent voxels, even sizes, origins off the centre, kernels wider than
the volume and scans of 2 to 5 dimensions, against a slow reference. Constants stay constant inside masks, and numbers
that Float does not hold are carried in Double.

usage: check_contract.py [COUNT [SEED]]           (MEDFILTER names another program than the release build)
"""

import concurrent.futures
import itertools
import json
import os
import pathlib
import shutil
import sys

import nibabel
import numpy as np
from scipy import ndimage

from cases import BOUNDARIES, CONSTANT, random_case
from runs import Verdicts, output_of, refused_for_want_of_neighbours, run_job, scratch_folder
from windows import correlate

LIMITS = {"float32": 3e-6, "float64": 1e-13}


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
    refused = refused_for_want_of_neighbours(process, case.weights, (case.scan.shape + (1, 1))[:3])
    if refused is None:
        refused = False
        problems = [] if process.returncode == 0 else [f"status {process.returncode}: {process.stderr.strip()}"]
    else:
        problems = [] if refused else [f"status {process.returncode}, expected E_FMT_NOVOLUME: {process.stderr.strip()}"]
    if not problems and not refused:
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
        steady = np.isclose(expected, CONSTANT, rtol=1e-6) & known & case.stays_constant
        if not (np.abs(after[steady] / CONSTANT - 1) <= 1e-6).all():
            problems.append(f"{kind}, frame {index}: {CONSTANT} became {after[steady].min()} to {after[steady].max()}")
    return problems


def frames(scan, spatial):
    return np.moveaxis(scan.reshape(spatial + (-1,), order="F"), 3, 0)


# MARK: Numbers that Float does not hold, and constants


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


def check_mask_at_edge(boundary, folder):
    """A mask that the volume's edge cuts off: scipy's filter of the voxels inside over its filter of the mask."""
    scans = folder / f"edge-{boundary}-scans"
    scans.mkdir(exist_ok=True)
    rng = np.random.default_rng(13)
    voxels = rng.normal(1000, 100, (15, 14, 13)).astype(np.float32)
    mask = sum((axis - centre) ** 2 for axis, centre in zip(np.indices(voxels.shape), (2, 7, 11))) <= 36
    nibabel.save(nibabel.Nifti1Image(mask.astype(np.uint8), np.eye(4)), folder / "ball.nii")
    nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4)), scans / "a.nii")
    element = {"filter": "gaussian", "sigma_vox": 1.5, "boundary": boundary, "mask": "ball.nii", "mask_outside": "zero"}
    # Whatever the constant, it lies outside the mask.
    element |= {"value": -4000} if boundary == "constant" else {}
    outputs, process = run_job(folder, f"edge-{boundary}", scans, [element], "nii", voxel_type="float64")
    if process.returncode != 0:
        return [process.stderr.strip()]
    found = nibabel.load(output_of(scans / "a.nii", scans, outputs, "nii")).get_fdata()
    mode = "constant" if boundary == "renormalise" else boundary
    inside = mask.astype(float)
    sums = ndimage.gaussian_filter(voxels * inside, 1.5, mode=mode, cval=0)
    weights = ndimage.gaussian_filter(inside, 1.5, mode=mode, cval=0)
    expected = np.where(mask, sums / np.where(mask, weights, 1), 0)
    off = np.abs(found - expected) > 3e-6 * 1500
    return [f"{off.sum()} of {mask.sum()} voxels inside are off"] if off.any() else []


LONG = {
    "box of 21 voxels": {"filter": "box", "size_vox": 21},
    "box of 101 voxels": {"filter": "box", "size_vox": 101},
    "gaussian of 10 voxels": {"filter": "gaussian", "sigma_vox": 10},
    "ball": {"filter": "kernel", "weights": (np.sum(np.mgrid[-4:5, -4:5, -4:5] ** 2, 0) <= 16).astype(int).tolist()},
}


def main():
    count, seed = (list(map(int, sys.argv[1:])) + [504, 20261121][len(sys.argv) - 1 :])[:2]
    verdicts = Verdicts()
    with scratch_folder() as scratch, concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        folder = pathlib.Path(scratch)
        cases = [random_case(index, seed) for index in range(count)]
        print(f"{count} random filters (seed {seed}) with masks and absent voxels", flush=True)
        for case, problems in zip(cases, pool.map(run_case, cases, itertools.repeat(folder), chunksize=4)):
            verdicts.add(case.name, problems)
        for name, filters in BEYOND_FLOAT.items():
            verdicts.add(f"{name} on a scan of float32", check_beyond_float(filters, folder))
        for boundary in BOUNDARIES:
            verdicts.add(f"a mask at the edge with {boundary}", check_mask_at_edge(boundary, folder))
        for name, element in LONG.items():
            verdicts.add(f"constants under a {name}", check_constant(element, folder))
    verdicts.close()


if __name__ == "__main__":
    main()
