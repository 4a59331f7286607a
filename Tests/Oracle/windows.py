"""A slow filter of its own, in double: what the oracle scripts hold medfilter to where scipy has no such thing.

Voxels beyond the volume are looked up by the formula of the boundary, and every window is multiplied out.
"""

import numpy as np


def source(positions, length, boundary):
    """Which voxel of a line stands in for each position; -1 where none does."""
    if boundary == "reflect":
        phase = positions % (2 * length)
        return np.minimum(phase, 2 * length - 1 - phase)
    if boundary == "mirror":
        period = max(2 * length - 2, 1)
        return np.minimum(positions % period, period - positions % period)
    if boundary == "nearest":
        return np.clip(positions, 0, length - 1)
    if boundary == "wrap":
        return positions % length
    return np.where((positions >= 0) & (positions < length), positions, -1)


def extended(frame, lengths, origins, boundary, outside):
    """The frame with all that a kernel of these lengths reaches beyond it."""
    for axis, (length, origin) in enumerate(zip(lengths, origins)):
        count = frame.shape[axis]
        indices = source(np.arange(-origin, count + length - 1 - origin), count, boundary)
        frame = np.take(frame, indices, axis)
        frame[(slice(None),) * axis + (indices < 0,)] = outside
    return frame


def correlate(frame, weights, origins, boundary, outside):
    windows = np.lib.stride_tricks.sliding_window_view(
        extended(frame, weights.shape, origins, boundary, outside), weights.shape
    )
    return np.einsum("abcijk,ijk->abc", windows, weights)
