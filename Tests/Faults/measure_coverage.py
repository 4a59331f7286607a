#!/usr/bin/env python3
"""Measures how much of the parser, of DurableIO, of the log and of verify the Swift tests reach.

Builds the package with counters into .build/coverage, and counts what the tests run and what the program runs that they
start. Swift's counters know lines and regions, not branches, and nothing of the C targets.
usage: measure_coverage.py
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from trials import ROOT, Goal, close

ROOMS = ["Sources/VolumeIO/Header", "Sources/DurableIO", "Sources/Provenance", "Sources/StrictJSON",
         "Sources/ByteStreams"]
LEAST = 0.95
PLACE = ["-c", "release", "-j", "2", "--scratch-path", ".build/coverage"]


def output(*words, **how):
    ended = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                           **how)
    if ended.returncode:
        sys.exit(f"{' '.join(map(str, words[:2]))} fails:\n{ended.stdout[-3000:]}{ended.stderr[-3000:]}")
    return ended.stdout


def llvm(tool, *words):
    """A tool that belongs to the compiler: others may not read its counters."""
    return output(pathlib.Path(shutil.which("swift")).resolve().parent / f"llvm-{tool}", *words)


def counted(folder):
    """What all processes counted, in one file. Those that tests killed or kept from writing left pieces of theirs."""
    merged = pathlib.Path(folder) / "merged"
    llvm("profdata", "merge", "-sparse", "--failure-mode=all", "-o", merged, *pathlib.Path(folder).glob("*.profraw"))
    return merged


def files():
    """Each source file's path and figures."""
    output("swift", "build", *PLACE, "--build-tests", "--enable-code-coverage")
    with tempfile.TemporaryDirectory(prefix="medfilter-") as folder:
        # Not `--enable-code-coverage`: it gives up at the first piece.
        output("swift", "test", *PLACE, "--skip-build", env={**os.environ, "LLVM_PROFILE_FILE": f"{folder}/%p.profraw"})
        tests = ROOT / ".build" / "coverage" / "release" / "medfilterPackageTests.xctest"
        report = llvm("cov", "export", "-summary-only", f"-instr-profile={counted(folder)}", tests)
    return [(one["filename"], one["summary"]) for one in json.loads(report)["data"][0]["files"]]


def share(figures):
    return sum(one["covered"] for one in figures) / max(1, sum(one["count"] for one in figures))


def main():
    goal = Goal("G21", f"rooms of which the tests reach {LEAST:.0%} of the lines (and regions)")
    all_files = files()
    for room in ROOMS:
        found = [summary for path, summary in all_files if f"/{room}/" in path]
        lines, regions = (share([one[unit] for one in found]) for unit in ("lines", "regions"))
        goal.add(room, [] if lines >= LEAST else [f"{lines:.1%}"])
        goal.note(f"{room.removeprefix('Sources/')} {lines:.1%} ({regions:.1%})")
    close(goal)


if __name__ == "__main__":
    main()
