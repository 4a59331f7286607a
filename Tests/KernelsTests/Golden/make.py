#!/usr/bin/env python3
"""Writes the golden files of KernelsTests beside itself, with numpy and scipy as oracles.

Every line is one case: words, integers, and Doubles in C's hexadecimal notation, separated by spaces.
The last run used scipy 1.15.3 and numpy 2.3.5.
"""

import math
import pathlib
from decimal import Decimal, getcontext

import numpy as np
from scipy import ndimage

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(20261121)


def write(name, lines):
    (HERE / name).write_text("".join(" ".join(map(str, line)) + "\n" for line in lines))


def hexes(values):
    return [float(value).hex() for value in np.ravel(values)]


def boundaries():
    """mode, length, positions padded on each side, then the source of every position."""
    modes = {"reflect": "symmetric", "mirror": "reflect", "nearest": "edge", "wrap": "wrap"}
    for mode, numpy_mode in modes.items():
        for length in range(1, 8):
            yield mode, length, 30, *np.pad(np.arange(length), 30, mode=numpy_mode)


def exponentials():
    """x, the Double nearest to exp(x), and the remainder in units of its last place (50 digits, decimal)."""
    getcontext().prec = 50
    log2 = math.log(2)
    points = np.concatenate([
        RANDOM.uniform(-40, 0, 500), RANDOM.uniform(-745, 0, 150), RANDOM.uniform(0, 709.7, 150),
        -np.geomspace(1e-300, 1, 40), [(n + 0.5) * log2 for n in range(-60, 60)],
        np.nextafter([(n + 0.5) * log2 for n in range(-60, 60)], 1000), [0, -708.4, -745.1, 709.78],
    ])
    for x in points:
        exact = Decimal(float(x)).exp()
        nearest = float(exact)
        yield float(x).hex(), nearest.hex(), float((exact - Decimal(nearest)) / Decimal(math.ulp(nearest)))


def gaussians():
    """sigma, order, truncate, then the weights: the response to an impulse, turned round because scipy correlates."""
    for sigma in [0.1, 0.3, 0.5, 0.849, 1.0, 1.2739827004320285, 2.5479654008640567, 7.3]:
        for order in [0, 1, 2]:
            for truncate in [2.0, 4.0, 6.0]:
                radius = int(truncate * sigma + 0.5)
                if order > 0 and radius == 0:
                    continue
                impulse = np.zeros(2 * radius + 1)
                impulse[radius] = 1
                response = ndimage.gaussian_filter1d(impulse, sigma, order=order, truncate=truncate, mode="constant")
                # Below 2e-16 scipy takes weights of opposite sign for equal, and answers with the wrong sign.
                if np.abs(response).max() > 1e-15:
                    yield sigma.hex(), order, truncate.hex(), *hexes(response[::-1])


def boxes():
    """size, then scipy's answer to 1, 2, 4, …, 4096 with zeros outside."""
    powers = 2.0 ** np.arange(13)
    for size in range(1, 9):
        yield size, *hexes(ndimage.uniform_filter1d(powers, size, mode="constant"))


def flips():
    """count, scipy's origin, weights, then the convolution of 1, 2, 4, …, 4096 with them, zeros outside."""
    powers = 2.0 ** np.arange(13)
    for count in range(1, 7):
        for origin in range(-(count // 2), (count - 1) // 2 + 1):
            weights = RANDOM.integers(-9, 10, count).astype(float)
            convolved = ndimage.convolve1d(powers, weights, mode="constant", origin=origin)
            yield count, origin, *hexes(weights), *hexes(convolved)


def singular_values():
    """rows, columns, the elements column by column, then the singular values of LAPACK."""
    def low_rank(rows, columns, rank):
        return RANDOM.normal(size=(rows, rank)) @ RANDOM.normal(size=(rank, columns))

    hilbert = np.array([[1 / (i + j + 1) for j in range(8)] for i in range(8)])
    shapes = [(1, 1), (1, 6), (6, 1), (2, 2), (5, 9), (9, 5), (12, 12), (25, 7)]
    matrices = [RANDOM.normal(size=shape) for shape in shapes]
    matrices += [low_rank(9, 9, 1), low_rank(9, 9, 2), low_rank(7, 30, 3), hilbert, np.zeros((3, 4)), np.eye(5)]
    for matrix in matrices:
        values = np.linalg.svd(matrix, compute_uv=False)
        yield *matrix.shape, *hexes(matrix.T), *hexes(values)


def unfoldings():
    """radius of a ball, or random lengths and weights; then the singular values of the i, j and k unfoldings."""
    def spectra(weights):  # k, j, i
        for axis in (2, 1, 0):
            matrix = np.moveaxis(weights, axis, 0).reshape(weights.shape[axis], -1)
            yield hexes(np.linalg.svd(matrix, compute_uv=False))

    def ball(radius):
        grid = np.indices([2 * radius + 1] * 3) - radius
        return (np.sum(grid**2, axis=0) <= radius**2).astype(float)

    for radius in range(1, 11):
        yield "ball", radius, *sum(spectra(ball(radius)), [])
    for lengths in [(3, 4, 5), (7, 2, 3), (2, 9, 9), (5, 5, 5)]:
        for rank in (1, 2, 3):
            terms = (RANDOM.normal(size=(rank, length)) for length in lengths)
            weights = np.einsum("ri,rj,rk->kji", *terms)
            yield "random", *lengths, *hexes(weights), *sum(spectra(weights), [])


def analytic():
    """A name, its numbers, lengths along i, j, k, then the weights to correlate with, i the fastest."""
    def kernel(shape, apply):
        impulse = np.zeros(shape)
        impulse[tuple(length // 2 for length in shape)] = 1
        # The response to an impulse is the kernel turned round.
        response = apply(impulse)[tuple([slice(None, None, -1)] * len(shape))]
        return *shape, *[1] * (3 - len(shape)), *hexes(response.ravel(order="F"))

    def cube(sigma):
        return tuple(2 * int(4 * s + 0.5) + 1 for s in sigma)

    def gaussian(volume, sigma):
        return ndimage.gaussian_filter(volume, sigma, mode="constant")

    for name in ["sobel", "prewitt"]:
        for dimensions in [2, 3]:
            for axis in range(dimensions):
                operator = getattr(ndimage, name)
                yield name, axis, dimensions, *kernel((3,) * dimensions, lambda v: operator(v, axis, mode="constant"))
    for dimensions in [1, 2, 3]:
        yield "laplace", dimensions, *kernel((3,) * dimensions, lambda v: ndimage.laplace(v, mode="constant"))
    for sigma in [(0.6, 0.6, 0.6), (0.9, 0.6, 0.4)]:
        yield "log", *hexes(sigma), *kernel(cube(sigma), lambda v: ndimage.gaussian_laplace(v, sigma, mode="constant"))
        wide = tuple(1.6 * s for s in sigma)
        yield "dog", *hexes(sigma), *kernel(cube(wide), lambda v: gaussian(v, sigma) - gaussian(v, wide))
        yield "derivative", *hexes(sigma), *kernel(
            cube(sigma), lambda v: ndimage.gaussian_filter(v, sigma, order=(1, 0, 2), mode="constant"))


if __name__ == "__main__":
    write("boundaries.txt", boundaries())
    write("exponentials.txt", exponentials())
    write("gaussians.txt", gaussians())
    write("boxes.txt", boxes())
    write("flips.txt", flips())
    write("singular-values.txt", singular_values())
    write("unfoldings.txt", unfoldings())
    write("analytic-kernels.txt", analytic())
