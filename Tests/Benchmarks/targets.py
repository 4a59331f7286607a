#!/usr/bin/env python3
"""One table of what medfilter wants to reach beside the programs that people use, measured in one run.

In memory: the engine by medfilter-bench, beside scipy, SimpleITK and OpenCV. File to file, on a RAM disk: whole processes.
Rows whose peer is absent are left out, and named.

usage: targets.py [--rounds 5] [--small 2000] [--no-file]
       first: Config/peers.sh Tests/Benchmarks/requirements.txt; swift build -c release
Writes Tests/Benchmarks/results/<date>-<cpu>-targets.md.
"""

import argparse
import pathlib
import tempfile

import batches
import inmemory
from tables import keep, machine, pigz


def ratio(value):
    return f"{value:.1f}×"


def share(value):
    return f"{100 * value:.0f} %"


class Table:
    """Rows of what was wanted and what was reached; peers that are absent are remembered."""

    def __init__(self):
        self.rows, self.absent = [], []

    def add(self, work, beside, wanted, reached, shown, figures):
        """A row where more is better; `figures` is what was measured, here and there."""
        verdict = "reached" if reached >= wanted else f"{100 * reached / wanted:.0f} % of it"
        self.rows.append(f"| {work} | {beside} | {shown(wanted)} | {shown(reached)} | {verdict} | {figures} |")
        print(self.rows[-1], flush=True)

    def compare(self, work, beside, wanted, ours, theirs, unit):
        if theirs is None:
            return self.absent.append(f"{beside} ({work})")
        self.add(work, beside, wanted, theirs / ours, ratio, f"{ours:.3g} and {theirs:.3g} {unit}")

    def text(self):
        head = "| work | beside | wanted | reached | verdict | here and there |\n|---|---|---:|---:|---|---|\n"
        absent = [f"\nNot measured here: {name}." for name in self.absent]
        return head + "\n".join(self.rows) + "\n" + "".join(absent) + "\n"


def in_memory(table, runs):
    engine = inmemory.Engine(max(7, runs))
    for name, radius, wanted in [("9×9×9", 4, (60, 45)), ("radius 13", 13, (80, 35))]:
        ours, work = engine.separated(name), f"256×256×176 Float in memory, radius {radius}, 4 threads"
        table.compare(work, "scipy.ndimage", wanted[0], ours, inmemory.scipy(radius, runs), "ms")
        table.compare(work, "SimpleITK recursive", wanted[1], ours, inmemory.simple_itk(radius, runs), "ms")
    ours, copy = engine.separated("9×9×9"), engine.copy()
    table.add("radius 4, 4 threads", "a memory copy", 0.5, copy / ours, share, f"{ours:.3g} and {copy:.3g} ms")
    work = "21×21 in each slice, 4 threads"
    table.compare(work, "OpenCV sepFilter2D", 8, engine.separated("21×21"), inmemory.opencv(21, runs), "ms")
    for name, radius, wanted in [("9×9×9", 4, 3.3), ("radius 13", 13, 3.6)]:
        one, four = engine.separated(name, threads=1), engine.separated(name)
        table.compare(f"radius {radius}, 4 threads", "1 thread", wanted, four, one, "ms")
    for name in ("21×21", "9×9×9"):
        reached = engine.share_of_speedup(name)
        table.add(f"separated over dense, {name}", "what the roofline allows", 0.7, reached, share, "1 thread")


def file_to_file(table, scratch, rounds, small):
    wanted = {"t1.nii.gz": 8, "t1.nii ": 12, "bold.nii.gz → .nii.gz": 10, "bold.nii.gz → .nii.zst": 12, "12 ×": 6}
    for batch in batches.batches(scratch / "scans", ["t1", "bold", "twelve", "small"], small):
        rows = {row[0]: row for row in batches.measure(batch, scratch, rounds)}
        ours, theirs = rows["medfilter"], rows.get("niimath")
        least = next((least for name, least in wanted.items() if batch.name.startswith(name)), 6)
        if theirs is None:
            table.absent.append(f"niimath ({batch.name})")
            continue
        table.compare(batch.name, "niimath", least, ours[1], theirs[1], "s")
        if batch.name.startswith("bold.nii.gz → .nii.gz"):
            table.compare("peak memory for it", "niimath", 4, ours[4], theirs[4], "MB")
        if batch.format == "nii.gz":
            # 3 % worse at most, as a ratio where more is better.
            figures = f"{ours[5]:.1f} and {theirs[5]:.1f} MB"
            table.add(f"size of {batch.name}", "niimath", 1 / 1.03, theirs[5] / ours[5], "{:.2f}×".format, figures)


def heading(rounds, small):
    return f"""# What is wanted, and what is reached

{machine()}; medians of {rounds} rounds
after one that is not counted. niimath {pigz()}. "Here and there" is medfilter and what stands beside it.

    .peers/bin/python Tests/Benchmarks/targets.py --rounds {rounds} --small {small}
"""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--small", type=int, default=2000)
    options.add_argument("--no-file", action="store_true", help="print only")
    chosen = options.parse_args()
    text, table = heading(chosen.rounds, chosen.small), Table()
    print(text)
    in_memory(table, chosen.rounds)
    with tempfile.TemporaryDirectory(prefix="medfilter-", dir="/dev/shm") as scratch:
        file_to_file(table, pathlib.Path(scratch), chosen.rounds, chosen.small)
    table.absent.append("mrfilter (t1.nii → .nii float32), which is not among the pinned packages")
    if not chosen.no_file:
        keep(text + "\n" + table.text(), "targets")


if __name__ == "__main__":
    main()
