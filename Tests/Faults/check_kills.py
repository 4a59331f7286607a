#!/usr/bin/env python3
"""Kills the program at every state-changing system call, and at random times; what is left must be right.

usage: check_kills.py [--full]            (MEDFILTER names another program than the release build)
"""

import itertools
import random
import signal
import time

from batch import Batch, Reference, finish, problems_after, problems_now, start
from preload import compiled
from strace import CHANGING, injected, points, run_injected
from trials import Goal, arguments, close, has, program, sample, scratch_folder

KILLED = {-signal.SIGKILL}
# Two outputs of each scan, which are announced, named and recorded together.
SAVING = [{"filter": "gaussian", "fwhm_mm": 2}, {"filter": "save", "name": "{stem}_smooth"}, {"filter": "median", "size_vox": 3}]
# Scans beyond the four, so that a run is long beside what a signal needs to arrive.
MORE = 60


def kill_at(folder, reference, point, again=None, **options):
    """Killed at one call; with `again`, the next run is killed at another."""
    batch, ended = injected(folder, point[0], "signal=KILL", point[1], **options)
    problems = problems_now(batch, reference, ended, KILLED)
    if again:
        # The second run has less to do, so it may never come to that call.
        ended = run_injected(batch, again[0], "signal=KILL", again[1])
        problems += problems_now(batch, reference, ended, KILLED if ended.was_injected else {0})
    problems += problems_after(batch, reference, tries=1)
    batch.remove()
    return problems


def kill_after(folder, reference, seconds, how, threads, ends, environment=None):
    """Gets a signal some time after its start."""
    batch = Batch(folder, threads=threads, more=MORE)
    process = start([program(), "run", "job.json", "--progress", "none"], batch.folder, environment)
    time.sleep(seconds)
    process.send_signal(how)
    ended = finish(process)
    ends.append(ended.status)
    # Before the program has said what it does with a signal, the signal ends it.
    problems = problems_now(batch, reference, ended, {0, -how} if how == signal.SIGKILL else {0, 75, -how})
    if ended.seconds > seconds + 5:
        problems.append(f"took {ended.seconds - seconds:.1f} s to stop")
    problems += problems_after(batch, reference, tries=1)
    batch.remove()
    return problems


class SlowDisk:
    """A disk whose syncs take 5 ms: scans are finished while others wait for it, and are published together."""

    def __init__(self, library):
        self.environment = {"PATH": "/usr/bin:/bin", "LD_PRELOAD": library, "AWKWARD": "slow"}

    def undisturbed(self, folder, reference):
        """Whether the scans of a run share their waiting."""
        batch = Batch(folder, threads=4, more=MORE)
        ended = batch.run(environment={**self.environment, "AWKWARD_TOLD": batch.path("met")})
        problems = problems_now(batch, reference, ended, {0}) + problems_after(batch, reference)
        scans, waits = len(reference.outputs), int(batch.bytes("met"))
        # Each file by itself; one by one, the log and the folder would be waited for as often.
        if not scans < waits < 2.5 * scans:
            problems.append(f"{waits} syncs for {scans} scans")
        batch.remove()
        return problems


def shortest(folders, environment):
    """Seconds of the fastest of three undisturbed runs: signals are to come before the end."""
    def seconds():
        batch = Batch(next(folders), threads=4, more=MORE)
        ended = batch.run(environment=environment)
        batch.remove()
        return ended.seconds

    return min(seconds() for _ in range(3))


def signalled(goal, signals, reference, folders, jobs, dice, environment=None):
    """Runs of the long batch that get a signal some time before they would end."""
    trials, ends, seconds = [], [], shortest(folders, environment)
    for how in signals:
        after, threads = dice.uniform(0, 1.1 * seconds), dice.randint(2 if environment else 1, 4)
        trials.append((f"{how.name} after {after:.4f} s, {threads} threads",
                       lambda *words, after=after, how=how, threads=threads, folder=next(folders):
                       kill_after(folder, reference, after, how, threads, ends, environment)))
    goal.run(trials, jobs)
    hit = sum(status != 0 for status in ends)
    goal.note(f"{hit} of them before the run was over")
    # A signal that comes too late tries nothing.
    if hit < len(ends) // 2:
        goal.add("all", [f"only {hit} of {len(ends)} signals came in time"])


def main():
    options = arguments(__doc__)
    dice = random.Random(options.seed)
    calls = Goal("G6", "kill −9 at every state-changing system call of a job of four scans")
    saving = Goal("G6", "kill −9 at every state-changing system call of a job with two outputs for each scan")
    twice = Goal("G6", "kill −9 at a call, and again at a call while resuming")
    times = Goal("G7", "kill −9 at random times, 1 to 4 threads")
    together = Goal("G7", "kill −9 and SIGTERM at random times on a slow disk, where scans are published together")
    signals = Goal("G10", "SIGTERM, SIGINT, SIGHUP at random times: 75 within 5 s (F5)")
    with scratch_folder() as scratch:
        reference = Reference(f"{scratch}/reference")
        folders = (f"{scratch}/{number}" for number in itertools.count())
        if has("strace"):
            every = points(Batch(next(folders)), CHANGING)
            chosen = sample(every, 60, options.full)
            calls.note(f"{len(every)} such calls")
            calls.run([(point, lambda point=point, folder=next(folders): kill_at(folder, reference, point))
                       for point in chosen], options.jobs)
            both = Reference(f"{scratch}/saving", filters=SAVING)
            of_both = points(Batch(next(folders), filters=SAVING), CHANGING)
            saving.note(f"{len(of_both)} such calls")
            saving.run([(point, lambda point=point, folder=next(folders): kill_at(folder, both, point, filters=SAVING))
                        for point in sample(of_both, 40, options.full)], options.jobs)
            pairs = [(dice.choice(every), dice.choice(every)) for _ in range(300 if options.full else 20)]
            twice.run([(both, lambda both=both, folder=next(folders): kill_at(folder, reference, *both))
                       for both in pairs], options.jobs)
        else:
            calls.add("strace", ["strace is not installed: Config/install.sh strace"])
        long = Reference(f"{scratch}/long", more=MORE)
        stops = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
        number = (500, 150) if options.full else (30, 30)
        signalled(times, [signal.SIGKILL] * number[0], long, folders, options.jobs, dice)
        signalled(signals, (stops * number[1])[:number[1]], long, folders, options.jobs, dice)
        library = compiled("awkward", scratch)
        if library:
            disk = SlowDisk(library)
            together.run([("undisturbed", lambda *words: disk.undisturbed(next(folders), long))], 1)
            both = ([signal.SIGKILL] * 2 + [signal.SIGTERM]) * (number[1] // 3)
            signalled(together, both, long, folders, options.jobs, dice, disk.environment)
    close(calls, saving, twice, times, signals, together)


if __name__ == "__main__":
    main()
