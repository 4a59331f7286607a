#!/usr/bin/env python3
"""Measures how much of the parser, of DurableIO, of the log and of verify the Swift tests reach.

Builds the package with coverage into .build/coverage. Swift's coverage knows regions and lines, not branches.
usage: measure_coverage.py
"""

import json
import subprocess
import sys

from trials import ROOT, Goal, close

ROOMS = ["Sources/VolumeIO/Header", "Sources/DurableIO", "Sources/Provenance", "Sources/StrictJSON",
         "Sources/ByteStreams"]
LEAST = 0.95


def swift(*words):
    return subprocess.run(["swift", *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace")


def main():
    place = ["--scratch-path", ".build/coverage"]
    tested = swift("test", *place, "-c", "release", "-j", "2", "--enable-code-coverage")
    if tested.returncode:
        sys.exit(f"the tests fail:\n{tested.stdout[-3000:]}")
    path = swift("test", *place, "-c", "release", "--show-codecov-path").stdout.strip().splitlines()[-1]
    with open(path) as file:
        files = json.load(file)["data"][0]["files"]
    goal = Goal("G21", f"rooms of which the tests reach {LEAST:.0%} of the lines")
    for room in ROOMS:
        found = [one["summary"]["lines"] for one in files if f"/{room}/" in one["filename"]]
        share = sum(one["covered"] for one in found) / max(1, sum(one["count"] for one in found))
        goal.add(room, [] if share >= LEAST else [f"{share:.1%}"])
        goal.note(f"{room.removeprefix('Sources/')} {share:.1%}")
    close(goal)


if __name__ == "__main__":
    main()
