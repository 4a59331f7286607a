#!/usr/bin/env python3
"""Writes forms.txt and wide-forms.txt beside itself: the forms of the Gaussian from their closed formulas, 60 digits.

forms.txt: form, sigma, order, truncate, then the taps at 0, 1, … to the right of the centre.
wide-forms.txt: form, sigma, order, truncate, then pairs of a place and its tap.
The last run used mpmath 1.4.1.
"""

import pathlib
from functools import cache

from mpmath import besseli, erfc, exp, mp, mpf, pi, sqrt

HERE = pathlib.Path(__file__).parent
mp.dps = 60


def half(taps, radius):
    """The taps at 0...radius, and what both sides sum to."""
    values = [taps(n) for n in range(radius + 1)]
    return values, values[0] + 2 * sum(values[1:])


def integrated(sigma, order, radius):
    """Differences of erf at the voxels' edges, and of the Gaussian and its slope for derivatives."""
    def density(x):
        return exp(-x * x / (2 * sigma**2)) / (sigma * sqrt(2 * pi))

    edge = mpf(1) / 2
    cells, total = half(lambda n: (erfc((n - edge) / sigma / sqrt(2)) - erfc((n + edge) / sigma / sqrt(2))) / 2, radius)
    if order == 1:
        cells = [density(n - edge) - density(n + edge) for n in range(radius + 1)]
    if order == 2:
        cells = [((n - edge) * density(n - edge) - (n + edge) * density(n + edge)) / sigma**2 for n in range(radius + 1)]
    return [cell / total for cell in cells]


def bessel(sigma, order, radius):
    """e⁻ᵗ Iₙ(t), and central differences of the kernel cut at the radius."""
    t = sigma**2
    weights, total = half(cache(lambda n: exp(-t) * besseli(n, t)), radius)
    weights = [weight / total for weight in weights]

    def at(n):
        return weights[abs(n)] if abs(n) <= radius else mpf(0)

    if order == 1:
        return [(at(n - 1) - at(n + 1)) / 2 for n in range(radius + 2)]
    if order == 2:
        return [at(n - 1) - 2 * at(n) + at(n + 1) for n in range(radius + 2)]
    return weights


def bspline(sigma, order, radius):
    """The formula of spm_smoothkern.m (SPM12, t = 1), scaled to sum 1; with erfc, which in 60 digits makes no odds."""
    s = sigma**2
    w1, w2, w3 = sqrt(2 / s) / 2, -1 / (2 * s), sqrt(s / 2 / pi)

    def ramp(y):
        return (1 - erfc(w1 * y)) * y / 2 + w3 * exp(w2 * y * y)

    values, total = half(lambda n: ramp(mpf(n + 1)) + ramp(mpf(n - 1)) - 2 * ramp(mpf(n)), radius)
    return [value / total for value in values]


FORMS = {"integrated": integrated, "bessel": bessel, "bspline": bspline}


def cases(sigmas, truncates):
    for name, form in FORMS.items():
        for sigma in sigmas:
            for order in [0] if name == "bspline" else [0, 1, 2]:
                for truncate in truncates:
                    radius = int(truncate * sigma + 0.5)
                    if radius > 0 or order == 0 or name == "bessel":
                        yield (name, sigma.hex(), order, float(truncate).hex()), form(mpf(sigma), order, radius)


def write(name, lines):
    (HERE / name).write_text("".join(" ".join(map(str, line)) + "\n" for line in lines))


def narrow():
    for head, taps in cases([0.01, 0.1, 0.3, 0.5, 0.849, 1.0, 1.2739827004320285, 2.5479654008640567, 7.3], [4, 8]):
        yield *head, *(float(tap).hex() for tap in taps)


def wide():
    for head, taps in cases([40.0, 300.0], [4]):
        places = sorted({0, 1, 2, len(taps) - 2, len(taps) - 1} | set(range(0, len(taps), len(taps) // 30)))
        yield *head, *(word for place in places for word in (place, float(taps[place]).hex()))


if __name__ == "__main__":
    write("forms.txt", narrow())
    write("wide-forms.txt", wide())
