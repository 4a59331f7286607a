"""Random linear filters with their scans and masks, and what they should come to."""

import dataclasses

import numpy as np

from windows import correlate

AXES = "ijk"
BOUNDARIES = ["reflect", "mirror", "nearest", "wrap", "constant", "renormalise"]
CONSTANT = 3.7
SHAPES = [(7, 6, 5), (12, 1, 4), (3, 2, 9), (1, 5, 8), (5, 4), (6, 5, 4, 3), (2, 3, 4, 2, 2)]


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
    def stays_constant(self):
        """Whether the scan is constant where it is finite, and a mask promises that it stays so."""
        return self.mask is not None and (self.scan[np.isfinite(self.scan)] == CONSTANT).all()

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
            result = correlate(frame, self.weights, self.origins, self.boundary, value)
            return result, np.ones(frame.shape), np.ones(frame.shape, bool)
        present = (finite if absent else np.ones(frame.shape, bool)) & (True if self.mask is None else self.mask)
        beyond = 0 if self.boundary == "renormalise" else 1
        # What lies outside the volume lies outside the mask.
        if self.mask is not None and self.boundary == "constant":
            value = beyond = 0
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


def random_element(rng, has_signs):
    """Mostly a kernel, now and then a Gaussian or a box."""
    kind = rng.integers(6)
    if kind > 1:
        return kernel_element(rng, has_signs)
    return gaussian_element(rng) if kind == 0 else box_element(rng)


def random_mask(rng, shape):
    """Mostly inside, half of it, mostly outside; all or nothing."""
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
    element, weights, origins = random_element(rng, has_signs)
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
