#!/usr/bin/env python3
"""numpy's answers for voxel conversion, written to conversion.json beside this script.

Every array is the hex of its bytes: `stored` and `encoded` as a little-endian file holds them, the rest native doubles
and floats. Integers are rounded and clipped in exact Python arithmetic, so 64-bit ends are right too.
"""
import json
import pathlib

import numpy as np

TYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]
SCALINGS = [(1.0, 0.0), (0.0371, -12.5), (-2.0, 0.0), (1e-3, 1e6)]
rng = np.random.default_rng(20)


def samples(name):
    """Both ends of the type, what lies beside them, zeros, and random values of every size."""
    kind = np.dtype(name)
    if kind.kind == "f":
        info = np.finfo(kind)
        special = [0.0, -0.0, info.max, info.min, info.tiny, info.smallest_subnormal, np.inf, -np.inf, np.nan]
        with np.errstate(over="ignore"):
            spread = (rng.normal(size=24) * 10.0 ** rng.uniform(-30, 30, 24)).astype(kind)
        return np.concatenate([np.array(special, kind), spread])
    info = np.iinfo(kind)
    special = np.array([info.min, info.min + 1, 0, 1, info.max // 2, info.max - 1, info.max], dtype=kind)
    return np.concatenate([special, np.frombuffer(rng.bytes(24 * kind.itemsize), kind)])


def physical():
    """Halves, range ends and their neighbours, as physical values before scaling."""
    values = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 1e-300, float(np.finfo(np.float32).max) * 1.0000001]
    for end in [0, 127, 128, 255, 32767, 32768, 65535, 2**31, 2**32, 2**52, 2**53, 2**63, 2**64]:
        for step in [-1.5, -0.5, 0, 0.49, 0.5, 1, 1.5]:
            values += [end + step, -end + step]
        values += [np.nextafter(float(end), np.inf), np.nextafter(float(end), -np.inf)]
    values += list(rng.normal(0, 300, 20)) + list(rng.integers(-500, 500, 20) + 0.5)
    return np.array(values, np.float64)


def encoded(values, slope, intercept, name):
    """What each value is stored as, and how many were clipped."""
    kind = np.dtype(name)
    with np.errstate(all="ignore"):
        stored = (values - intercept) / slope
    if kind.kind == "f":
        with np.errstate(over="ignore"):
            result = stored.astype(kind)
        overflowed = np.isfinite(values) & ~np.isfinite(result)
        return np.where(overflowed, np.copysign(np.finfo(kind).max, stored), result).astype(kind), int(overflowed.sum())
    low, high, clipped, out = int(np.iinfo(kind).min), int(np.iinfo(kind).max), 0, []
    for value in stored:
        if np.isnan(value):
            out.append(0)
            continue
        whole = (high + 1 if value > 0 else low - 1) if np.isinf(value) else int(np.rint(value))
        clipped += not low <= whole <= high
        out.append(min(max(whole, low), high))
    return np.array(out, dtype=kind), clipped


def hexed(array):
    return np.ascontiguousarray(array).tobytes().hex()


def cases(values):
    for name in TYPES:
        stored = samples(name)
        for slope, intercept in SCALINGS:
            with np.errstate(all="ignore"):
                scaled = stored.astype(np.float64)
                scaled = scaled if slope == 1 else scaled * slope
                scaled = scaled if intercept == 0 else scaled + intercept
                as_float = scaled.astype(np.float32)
            written, clipped = encoded(values, slope, intercept, name)
            yield {
                "type": name, "slope": slope, "intercept": intercept, "stored": hexed(stored),
                "float32": hexed(as_float), "float64": hexed(scaled), "encoded": hexed(written), "clipped": clipped,
            }


here = pathlib.Path(__file__).resolve().parent
values = physical()
lines = ",\n".join(json.dumps(case) for case in cases(values))
(here / "conversion.json").write_text(f'{{"physical": "{hexed(values)}", "cases": [\n{lines}\n]}}\n')
