"""Counts trials by goal, tells the failed ones, and closes with the lines that show.py and Config/test.sh read."""

import argparse
import concurrent.futures
import pathlib
import shutil
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from release import ROOT, program, scratch_folder  # noqa: E402, F401 - for the checks too

# A trial that takes longer hangs.
PATIENCE = 60


def arguments(description):
    """What every check takes: a sample of a minute or less, or everything."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--full", action="store_true", help="everything, not a sample")
    parser.add_argument("--jobs", type=int, default=2, help="trials at a time (default 2)")
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn by lot (default 1)")
    return parser.parse_args()


def sample(points, count, full):
    """All points, or about `count` of them spread evenly."""
    if full or len(points) <= count:
        return points
    return [points[index * len(points) // count] for index in range(count)]


class Goal:
    """One row of the table of figures: how many trials there were, and what went wrong in which."""

    shown = 20

    def __init__(self, name, what):
        self.name, self.what, self.passed, self.failed, self.notes = name, what, 0, 0, []

    def add(self, trial, problems):
        if not problems:
            self.passed += 1
            return
        self.failed += 1
        if self.failed <= self.shown:
            print(f"FAILED {self.name} {trial}", *problems, sep="\n  ", flush=True)

    def note(self, text):
        """A fact beside the count: a time, a size, what was skipped."""
        self.notes.append(text)

    def run(self, trials, jobs):
        """Runs `(name, function)` pairs, several at a time; a function returns the problems that it found."""
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for (name, _), problems in zip(trials, pool.map(lambda trial: guarded(trial[1]), trials)):
                self.add(name, problems)


def guarded(trial):
    """An error of the trial itself is a problem, not the end of all trials."""
    try:
        return trial()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        return [f"the trial broke: {error!r}"]


def close(*goals):
    """Prints a line per goal for show.py, then the line that Config/test.sh reads, and ends the script."""
    for goal in goals:
        notes = "".join(f"; {note}" for note in goal.notes)
        print(f"figure\t{goal.name}\t{goal.what}\t{goal.passed}/{goal.passed + goal.failed}{notes}")
    failed = sum(goal.failed for goal in goals)
    print(f"{sum(goal.passed for goal in goals)} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def has(command):
    """Whether a program that a check needs is installed."""
    return shutil.which(command) is not None
