"""Makes plans.json: elements of `filters` and what scipy.ndimage does to one voxel in their place.

The impulse stands at (3, 3, 2) of a 7 × 6 × 5 grid whose voxels are 1 × 2 × 2.5 mm; outside is 0. Responses are listed
with i the fastest. Run with numpy 2.3.5 and scipy 1.15.3:  python make.py
"""

import itertools
import json
import pathlib

import numpy as np
from scipy import ndimage

SHAPE, SPACING, PLACE = (7, 6, 5), (1.0, 2.0, 2.5), (3, 3, 2)
FWHM = 2.3548200450309493


def impulse():
    volume = np.zeros(SHAPE)
    volume[PLACE] = 1
    return volume


def in_place(weights, axes):
    """Weights whose innermost array runs along the first of `axes`, as a 3-D array indexed (i, j, k)."""
    array = np.array(weights, dtype=float).T
    shape = [1, 1, 1]
    for axis, length in zip(axes, array.shape):
        shape[axis] = length
    return array.reshape(shape)


def kernel(weights, mode, axes=None, origin=0, **keys):
    axes = axes or list(range(np.ndim(weights)))
    placed = in_place(weights, axes)
    element = {"filter": "kernel", "weights": weights, "mode": mode, **keys}
    if axes != list(range(np.ndim(weights))):
        element["axes"] = ["ijk"[axis] for axis in axes]
    origins = [0, 0, 0]
    for axis in axes:
        origins[axis] = origin if np.isscalar(origin) else origin[axis]
    if np.any(origins):
        element["origin_vox"] = origin if np.isscalar(origin) else list(origin)
    divisor = {"none": 1, "sum": placed.sum(), "abs_sum": abs(placed).sum()}[keys.get("normalise", "none")]
    apply = ndimage.convolve if mode == "convolve" else ndimage.correlate
    return element, apply(impulse(), placed / divisor, mode="constant", origin=origins)


def kernels():
    for size, mode in itertools.product(range(1, 5), ("convolve", "correlate")):
        weights = [1.0, 2.0, 4.0, 8.0][:size]
        for origin in range(-size, size + 1):
            try:
                yield kernel(weights, mode, origin=origin)
            except ValueError:
                # scipy refuses origins outside the kernel, and so do we; the test of refusals is elsewhere.
                pass
    for mode in ("convolve", "correlate"):
        yield kernel([[1, 2, 3], [2, 4, 6]], mode)
        yield kernel([[1, 2, 3], [4, 5, 7]], mode, origin=(1, -1, 0))
        yield kernel([[1, 2], [3, 5], [8, 13]], mode, axes=[1, 2])
        yield kernel([[0.25, -0.5], [0.5, -1]], mode, axes=[0, 2], normalise="abs_sum")
        yield kernel([3, 1, 0.5], mode, axes=[2], normalise="sum")
        yield kernel([[[1, 2], [0, 1]], [[5, 3], [2, 2]]], mode, origin=(0, -1, 0))
        yield kernel([[[2, 4], [6, 12]], [[1, 2], [3, 6]]], mode, method="dense")
        yield kernel([[[2, 4], [6, 12]], [[1, 2], [3, 6]]], mode, method="separable", normalise="sum")


def gaussian(sigma, order=0, truncate=4.0, axes=(0, 1, 2), **keys):
    sigma = np.broadcast_to(sigma, 3)
    order = np.broadcast_to(order, 3)
    volume = impulse()
    for axis in axes:
        if sigma[axis] > 0:
            volume = ndimage.gaussian_filter1d(
                volume, sigma[axis], axis, order[axis], mode="constant", truncate=truncate)
    element = {"filter": "gaussian", **keys}
    if order.any():
        element["order"] = order.tolist()
    if truncate != 4:
        element["truncate"] = truncate
    if axes != (0, 1, 2):
        element["axes"] = ["ijk"[axis] for axis in axes]
    return element, volume


def gaussians():
    spacing = np.array(SPACING)
    yield gaussian(3 / FWHM / spacing, fwhm_mm=3)
    yield gaussian(np.array([2, 0, 4.5]) / FWHM / spacing, fwhm_mm=[2, 0, 4.5])
    yield gaussian(1.5 / spacing, sigma_mm=1.5, truncate=2.5)
    yield gaussian(0.9, sigma_vox=0.9, order=[1, 0, 2])
    yield gaussian(0.9, sigma_vox=0.9, axes=(0, 2))
    yield gaussian(0.9, sigma_vox=0.9, order=[0, 1, 0], axes=(1,))


def box(size, **keys):
    return {"filter": "box", **keys}, ndimage.uniform_filter(impulse(), size, mode="constant")


def boxes():
    yield box(3, size_vox=3)
    yield box((4, 1, 2), size_vox=[4, 1, 2])
    yield box((5, 3, 3), width_mm=5)  # 5, 2.5 and 2 voxels
    yield box((3, 1, 1), width_mm=3.9, axes=["i"])


def main():
    cases = [
        {"element": element, "response": volume.ravel(order="F").tolist()}
        for element, volume in itertools.chain(kernels(), gaussians(), boxes())
    ]
    text = ",\n".join(json.dumps(case, separators=(",", ":")).replace("0.0,", "0,") for case in cases)
    pathlib.Path(__file__).with_name("plans.json").write_text(f"[\n{text}\n]\n")


main()
