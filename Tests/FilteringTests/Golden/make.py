#!/usr/bin/env python3
"""Writes scipy.bin: what scipy.ndimage makes of one small volume, in double precision.

usage: make.py            (numpy, scipy; the versions used are in the first line of scipy.txt)

scipy.txt names the cases, one per line; scipy.bin holds the input and then the cases' results, little-endian doubles,
k slowest. The tests build the same taps themselves: scipy is asked to correlate with explicit weights, so that only the
filtering is compared, and once to run gaussian_filter as users call it.
"""
import os
import numpy as np, scipy
import scipy.ndimage as nd

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(20261121)
volume = rng.normal(size=(5, 7, 11))  # k, j, i
results, names = [volume], []

# Taps of the i, j and k pass; even counts, and origins off centre by scipy's rule: tap n // 2 + origin meets the voxel.
taps = [np.array([1, -2, 3, 0.5, 4]), np.array([2, 1, -1, 0.25]), np.array([0.5, 3, 1])]
origins = [1, -2, 0]
# Three terms: they share their pass along i or along k, and one has none along j.
terms = [(0, 1, 2), (1, None, 2), (0, 2, 1)]
dense = np.arange(2 * 3 * 4).reshape(2, 3, 4) % 7 - 2.5



def outer(term):
    """The product of three of the taps as a block of 9 × 9 × 9 whose middle meets the voxel."""
    block = np.zeros((9, 9, 9))
    weights = [np.array([1.0]) if which is None else taps[which] for which in term]
    starts = [4 - (len(w) // 2 + (0 if which is None else origins[which])) for w, which in zip(weights, term)]
    i, j, k = (slice(start, start + len(w)) for start, w in zip(starts, weights))
    block[k, j, i] = np.einsum("i,j,k->kji", *weights)
    return block


for mode in ["reflect", "mirror", "nearest", "wrap", "constant"]:
    out = volume
    for axis, (weights, origin) in enumerate(zip(taps, origins)):
        # The constant beyond an axis that was filtered before is what that pass makes of it.
        outside = 0.75 * np.prod([t.sum() for t in taps[:axis]])
        out = nd.correlate1d(out, weights, axis=2 - axis, mode=mode, cval=outside, origin=origin)
    results.append(out)
    names.append(f"separable {mode}")
    results.append(nd.correlate(volume, dense, mode=mode, cval=0.75, origin=(0, -1, 1)))
    names.append(f"dense {mode}")
    results.append(nd.gaussian_filter(volume, (0.6, 1.1, 2.3), mode=mode, cval=0.75))
    names.append(f"gaussian {mode}")
    results.append(nd.correlate(volume, sum(map(outer, terms)), mode=mode, cval=0.75))
    names.append(f"terms {mode}")

np.concatenate([a.ravel() for a in results]).astype("<f8").tofile(os.path.join(here, "scipy.bin"))
with open(os.path.join(here, "scipy.txt"), "w") as file:
    file.write(f"scipy {scipy.__version__}, numpy {np.__version__}\n" + "".join(name + "\n" for name in names))
