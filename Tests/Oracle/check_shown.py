#!/usr/bin/env python3
"""Recomputes with numpy what `medfilter kernel` says: of random weights in every form of input, and of named kernels.

Ranks, singular values, factors, exact integers, multiplies and bounds are held against the weights; the bound is reached
by the input that agrees with the error in every sign.

usage: check_shown.py [COUNT [SEED]]              (MEDFILTER names another program than the release build)
"""

import concurrent.futures
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
        asked = tolerance if form.endswith("json") else 1e-6
        problems += [problem] if problem else [f"{form}: {said}" for said in falsehoods(document, weights, asked)]
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


def main():
    count, seed = (list(map(int, sys.argv[1:])) + [250, 20261121][len(sys.argv) - 1 :])[:2]
    verdicts = Verdicts()
    with scratch_folder() as scratch, concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        folder = pathlib.Path(scratch)
        print(f"{count} random kernels (seed {seed}) in {len(FORMS)} forms, {len(NAMED)} named ones", flush=True)
        results = pool.map(check_shown, range(count), itertools.repeat(seed), itertools.repeat(folder), chunksize=4)
        for index, problems in enumerate(results):
            verdicts.add(f"kernel {index} of seed {seed}", problems)
        for options in NAMED:
            verdicts.add(f"medfilter kernel {options}", check_named(options))
        for (name, weights), tolerance in itertools.product(rough_weights(), (1e-1, 1e-3)):
            verdicts.add(f"the bound of a {name} to {tolerance}", check_bound(weights, tolerance, folder))
    verdicts.close()


if __name__ == "__main__":
    main()
