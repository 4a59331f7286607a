"""What targets.py measures without files: our engine by its own benchmark, and the same filters in Python's libraries."""

import re
import statistics
import subprocess
import time

import numpy as np
from scipy import ndimage

from programs import ROOT, has_module

SHAPE = (176, 256, 256)  # k, j, i: as numpy holds what a NIfTI file has as 256×256×176


class Engine:
    """The tables that medfilter-bench prints: medians in ms, by row and by threads."""

    def __init__(self, runs):
        command = [ROOT / ".build/release/medfilter-bench", "machine", "separated", "speedup", "--runs", str(runs)]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        self.tables = {part.split("\n", 1)[0]: part for part in text.split("\n## ")[1:]}

    def row(self, table, name, nth=0):
        """The cells behind a row's name; a table may have several parts."""
        found = [line for line in self.tables[table].split("\n") if line.startswith(f"| {name} |")]
        return [cell.strip() for cell in found[nth].split("|")[2:-1]]

    def separated(self, name, threads=4):
        return median(self.row("Separated", name)[0 if threads == 1 else 3])

    def copy(self):
        """The faster way to copy the frame, 4 threads."""
        rows = [self.row("The machine", name) for name in ("memcpy of a frame, ms", "copy past the caches, ms")]
        return min(median(cells[1]) for cells in rows)

    def share_of_speedup(self, name):
        """Separated over dense, as a share of what the roofline allows: with 1 thread, where others disturb least."""
        return float(self.row("Separated over dense", name)[5].split()[0]) / 100


def median(cell):
    """`18.6 (20.7)` is the least and the median."""
    return float(re.search(r"\(([\d.]+)\)", cell).group(1))


def milliseconds(work, runs):
    """The median; the first run is not counted."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times[1:])


def frame():
    return np.random.default_rng(1).random(SHAPE, np.float32)


def gaussian(radius):
    """Taps of a Gaussian that is cut off at four sigmas."""
    taps = np.exp(-0.5 * (4 * np.arange(-radius, radius + 1) / radius) ** 2)
    return (taps / taps.sum()).astype(np.float32)


def scipy(radius, runs):
    voxels, taps = frame(), gaussian(radius)

    def work():
        result = voxels
        for axis in (2, 1, 0):
            result = ndimage.correlate1d(result, taps, axis)

    return milliseconds(work, runs)


def simple_itk(radius, runs):
    """Its recursive Gaussian, whose cost does not depend on the width, with all threads; `None` where it is absent."""
    if not has_module("SimpleITK"):
        return None
    import SimpleITK

    image = SimpleITK.GetImageFromArray(frame())
    return milliseconds(lambda: SimpleITK.SmoothingRecursiveGaussian(image, radius / 4), runs)


def opencv(size, runs):
    """Slice by slice; `None` where it is absent."""
    if not has_module("cv2"):
        return None
    import cv2

    voxels, taps = frame(), gaussian(size // 2)

    def work():
        for picture in voxels:
            cv2.sepFilter2D(picture, -1, taps, taps, borderType=cv2.BORDER_REFLECT)

    return milliseconds(work, runs)
