#!/usr/bin/env python3
"""Compares medfilter's Gaussian with scipy in double, and has nibabel read every output.

All scans × FWHM 4, 6 and 9 mm × five boundaries and renormalise × three formats, one medfilter process per
combination. The result may differ by 2e-6 of the reference's maximum; grid, orientation and extensions not at all.
usage: check_outputs.py            (MEDFILTER names another program than the release build)
"""

import concurrent.futures
import itertools
import math
import os
import pathlib
import shutil

import nibabel
import numpy as np
from scipy import ndimage

from runs import Verdicts, collect_scans, output_of, run_job, scratch_folder

FWHMS = [4, 6, 9]
BOUNDARIES = ["reflect", "mirror", "nearest", "constant", "wrap", "renormalise"]
FORMATS = ["nii", "nii.gz", "nii.zst"]
OUTSIDE = 10.0
TOLERANCE = 2e-6
MILLIMETRES = {"meter": 1000.0, "mm": 1.0, "micron": 0.001, "unknown": 1.0}


def sigmas(image, fwhm):
    """Standard deviations in voxels for the spatial axes, 0 for all others."""
    unit = MILLIMETRES[image.header.get_xyzt_units()[0]]
    spacing = [float(zoom) * unit for zoom in image.header.get_zooms()[:3]]
    in_mm = fwhm / math.sqrt(8 * math.log(2))
    return [in_mm / step for step in spacing] + [0] * (image.ndim - len(spacing))


def reference(image, fwhm, boundary):
    """scipy's Gaussian in double; renormalise divides by what a volume of ones keeps."""
    voxels, widths = image.get_fdata(dtype=np.float64, caching="unchanged"), sigmas(image, fwhm)
    if boundary != "renormalise":
        return ndimage.gaussian_filter(voxels, widths, mode=boundary, cval=OUTSIDE, truncate=4.0)
    inside = ndimage.gaussian_filter(np.ones(voxels.shape), widths, mode="constant", truncate=4.0)
    return ndimage.gaussian_filter(voxels, widths, mode="constant", truncate=4.0) / inside


def extensions(image):
    return [(extension.get_code(), extension.content) for extension in image.header.extensions]


def geometry(image):
    """All that places voxels in the world; NaN equals NaN."""
    header = image.header
    matrices = [image.affine, header.get_sform(), header.get_qform(), header.get_zooms()]
    codes = (int(header["sform_code"]), int(header["qform_code"]), header.get_xyzt_units(), type(header).__name__)
    return codes, [np.asarray(matrix, np.float64).tobytes() for matrix in matrices]


def problems_of(path, image, expected):
    """What is wrong with one output, as sentences."""
    if not path.exists():
        return ["is missing"]
    output = nibabel.load(path)
    found = []
    if output.shape != image.shape or output.get_data_dtype() != np.float32:
        return [f"is {output.get_data_dtype()} {output.shape}, expected float32 {image.shape}"]
    if geometry(output) != geometry(image):
        found.append(f"stands elsewhere: {geometry(output)[0]} {output.affine.tolist()}")
    if extensions(output) != extensions(image):
        found.append("has other extensions")
    difference = np.abs(output.get_fdata(dtype=np.float64, caching="unchanged") - expected).max()
    # Written so that NaN is a failure.
    if not difference <= TOLERANCE * np.abs(expected).max():
        found.append(f"differs by {difference / np.abs(expected).max():.2e} of the maximum")
    return found


def check(fwhm, boundary, scans_folder, scans, folder):
    """Runs one filter in every format; returns the problems of each format's job."""
    gaussian = {"filter": "gaussian", "fwhm_mm": fwhm, "boundary": boundary}
    if boundary == "constant":
        gaussian["value"] = OUTSIDE
    jobs = {}
    for image_format in FORMATS:
        name = f"fwhm{fwhm}-{boundary}-{image_format}"
        jobs[image_format] = run_job(folder, name, scans_folder, [gaussian], image_format, "--threads", "1")
    problems = {image_format: failures_of(process) for image_format, (_, process) in jobs.items()}
    for scan in scans:
        image = nibabel.load(scan)
        expected = reference(image, fwhm, boundary)
        for image_format, (outputs, _) in jobs.items():
            path = output_of(scan, scans_folder, outputs, image_format)
            problems[image_format] += [f"{scan.name}: {problem}" for problem in problems_of(path, image, expected)]
    for outputs, _ in jobs.values():
        shutil.rmtree(outputs, ignore_errors=True)
    return {f"fwhm {fwhm} mm, {boundary}, {image_format}": found for image_format, found in problems.items()}


def failures_of(process):
    return [] if process.returncode == 0 else [f"exit status {process.returncode}: {process.stderr.strip()}"]


def main():
    verdicts = Verdicts()
    with scratch_folder() as scratch, concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        folder = pathlib.Path(scratch)
        scans = collect_scans(folder / "scans")
        verdicts.add("there are scans to check", [] if scans else ["none was found"])
        print(f"{len(scans)} scans, {len(FWHMS) * len(BOUNDARIES) * len(FORMATS)} jobs", flush=True)
        runs = [
            pool.submit(check, fwhm, boundary, folder / "scans", scans, folder)
            for fwhm, boundary in itertools.product(FWHMS, BOUNDARIES)
        ]
        for run in concurrent.futures.as_completed(runs):
            for name, problems in run.result().items():
                verdicts.add(name, problems)
    verdicts.close()


if __name__ == "__main__":
    main()
