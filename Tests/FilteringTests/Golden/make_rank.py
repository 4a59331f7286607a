#!/usr/bin/env python3
"""Writes rank.bin: what scipy.ndimage's rank filters make of one small volume with ties.

usage: make_rank.py            (numpy, scipy; the versions used are in the first line of rank.txt)

rank.txt names the cases, one per line: filter, size along i, j, k, or "ball" and the radius in mm at a spacing of
1 × 1.5 × 2 mm, and boundary. rank.bin holds the input and then the cases' results, one signed byte per voxel, k slowest.
"""
import os
import numpy as np, scipy
import scipy.ndimage as nd

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(20261201)
volume = rng.integers(-40, 40, size=(4, 6, 9)).astype("f8")  # k, j, i
results, names = [volume], []
filters = {
    "minimum": nd.minimum_filter,
    "maximum": nd.maximum_filter,
    "median": nd.median_filter,
    "percentile-0": lambda v, **how: nd.percentile_filter(v, 0, **how),
    "percentile-12.5": lambda v, **how: nd.percentile_filter(v, 12.5, **how),
    "percentile-29": lambda v, **how: nd.percentile_filter(v, 29, **how),
    "percentile-80": lambda v, **how: nd.percentile_filter(v, 80, **how),
    "percentile-100": lambda v, **how: nd.percentile_filter(v, 100, **how),
}


def ball(radius):
    """The footprint of a ball, its middle at the voxel."""
    r = [int(radius / s) for s in (2, 1.5, 1)]
    k, j, i = np.ogrid[-r[0] : r[0] + 1, -r[1] : r[1] + 1, -r[2] : r[2] + 1]
    return (k * 2) ** 2 + (j * 1.5) ** 2 + i**2 <= radius**2 * (1 + 1e-9)


for mode in ["reflect", "mirror", "nearest", "wrap", "constant"]:
    for name, run in filters.items():
        for i, j, k in [(3, 3, 3), (5, 4, 3), (2, 1, 6), (4, 2, 2), (1, 7, 1)]:
            results.append(run(volume, size=(k, j, i), mode=mode, cval=7))
            names.append(f"{name} {i} {j} {k} {mode}")
        for radius in (2, 3.5):
            results.append(run(volume, footprint=ball(radius), mode=mode, cval=7))
            names.append(f"{name} ball {radius} {mode}")

np.concatenate([a.ravel() for a in results]).astype("i1").tofile(os.path.join(here, "rank.bin"))
with open(os.path.join(here, "rank.txt"), "w") as file:
    file.write(f"scipy {scipy.__version__}, numpy {np.__version__}\n" + "".join(name + "\n" for name in names))
