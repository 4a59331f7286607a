#!/usr/bin/env python3
"""Many scans in one run: memory and descriptors stay flat and within the budget; a killed run is soon back at work.

usage: check_load.py [--full]             (MEDFILTER names another program than the release build)
"""

import collections
import json
import os
import shutil
import signal
import time

from batch import Batch, finish, start
from scans import gzipped, scan
from trials import Goal, arguments, close, program, scratch_folder

# What the job may use, and the seconds after which a run that was killed must be at work again.
MEBIBYTES, SOON = 1024, 1.0


def fill(batch, count, shape, label):
    """The same few scans under many names: links share their bytes."""
    kinds = [gzipped(scan(shape, "int16", seed=seed)) for seed in range(4)]
    for number, content in enumerate(kinds):
        batch.write(f"kinds/{label}{number}.nii.gz", content)
    for number in range(count):
        os.link(batch.path(f"kinds/{label}{number % 4}.nii.gz"), batch.path(f"in/{label}{number:05}.nii.gz"))


def clear(batch):
    shutil.rmtree(batch.path("in"))
    os.mkdir(batch.path("in"))


def resident(process):
    """MiB in use and descriptors open, or `None` when it is over."""
    try:
        with open(f"/proc/{process.pid}/status") as status:
            lines = dict(line.split(":", 1) for line in status)
        return int(lines["VmRSS"].split()[0]) / 1024, len(os.listdir(f"/proc/{process.pid}/fd"))
    except (OSError, KeyError):
        return None


def watched(batch):
    """Runs to the end; returns what was in use over time."""
    process, seen = start([program(), "run", "job.json", "--progress", "none"], batch.folder), []
    while process.poll() is None:
        now = resident(process)
        if now:
            seen.append(now)
        time.sleep(0.005)
    return finish(process), seen


def flat(seen):
    """Problems where the last half holds more than the first, after warming up, or more than the job may use."""
    if len(seen) < 20:
        return [f"over after {len(seen)} looks, too few to say anything"]
    early, late = seen[len(seen) // 10 : len(seen) // 2], seen[len(seen) // 2 :]
    peak = max(one[0] for one in seen)
    problems = [f"{peak:.0f} MiB, more than the job may use"] if peak > MEBIBYTES else []
    for index, what, room in ((0, "MiB", 16), (1, "descriptors", 4)):
        first, last = max(one[index] for one in early), max(one[index] for one in late)
        if last > 1.1 * first + room:
            problems.append(f"{what}: {first:.0f} in the first half, {last:.0f} in the second")
    return problems


def loaded(folder, count, shape):
    batch = Batch(folder, image_format="nii.gz", resources={"threads": 0, "memory_mb": MEBIBYTES})
    clear(batch)
    fill(batch, count, shape, "s")
    ended, seen = watched(batch)
    problems = [] if ended.status == 0 else [f"ended with {ended.status}: {ended.stderr[-300:]}"]
    problems += flat(seen)
    if len(batch.outputs()[0]) != count:
        problems.append(f"{len(batch.outputs()[0])} of {count} outputs")
    verified = batch.medfilter("verify", "out/provenance.jsonl", "--json", patience=300)
    if verified.status or json.loads(verified.stdout)["outputs_checked"] != count:
        problems.append(f"does not verify: {verified.status} {verified.stdout[-300:]} {verified.stderr[-300:]}")
    peak = max((one[0] for one in seen), default=0)
    return batch, problems, f"{count} of {'x'.join(map(str, shape))} in {ended.seconds:.1f} s, at most {peak:.0f} MiB"


def recorded(batch):
    """How often each output is in the log."""
    return collections.Counter(
        record["out"]["name"] for record in map(json.loads, batch.log.splitlines()) if record["type"] == "output")


def back_at_work(batch, count):
    """G18: kills a run that has much behind it; the next one must soon be at work, and do no output again.

    At work means that the log is open and whole, all scans are planned and the run is recorded; then what is done is
    compared with the files, and what is not is done.
    """
    shutil.rmtree(batch.path("out"))
    process = start([program(), "run", "job.json", "--progress", "none"], batch.folder)
    while batch.log.count(b'"type":"output"') < count * 3 // 4:
        time.sleep(0.01)
        if process.poll() is not None:
            return [f"over before it was killed: {finish(process).stderr[-200:]}"], (0, 0)
    process.send_signal(signal.SIGKILL)
    finish(process)
    marks = [b'"type":"run_start"', b'"type":"output"']
    before, reached, started = batch.log, [], time.monotonic()
    process = start([program(), "run", "job.json", "--progress", "none"], batch.folder)
    for mark in marks:
        while batch.log.count(mark) <= before.count(mark) and process.poll() is None:
            time.sleep(0.005)
        reached.append(time.monotonic() - started)
    ended = finish(process, 600)
    problems = [] if ended.status == 0 else [f"ended with {ended.status}: {ended.stderr[-200:]}"]
    if reached[0] > SOON:
        problems.append(f"at work after {reached[0]:.2f} s")
    twice = [name for name, times in recorded(batch).items() if times > 1]
    return problems + ([f"recorded twice: {twice}"] if twice else []), reached


def main():
    options = arguments(__doc__)
    load = Goal("G17", "many scans in one run: all verified, memory and descriptors flat")
    recovery = Goal("G18", f"after kill −9 the next run is at work within {SOON:.0f} s, and does nothing twice")
    small, large = (2000, 100) if options.full else (300, 8)
    with scratch_folder() as scratch:
        batch, problems, told = loaded(f"{scratch}/small", small, (64, 64, 40) if options.full else (24, 24, 12))
        load.add("small", problems)
        load.note(told)
        problems, (at_work, first) = back_at_work(batch, small)
        recovery.add("kill", problems)
        recovery.note(f"at work after {at_work:.2f} s, the first new output after {first:.2f} s, {small * 3 // 4} of {small} "
                      "having been done and compared again")
        batch.remove()
        batch, problems, told = loaded(f"{scratch}/large", large, (256, 256, 170) if options.full else (128, 128, 60))
        load.add("large", problems)
        load.note(told)
    close(load, recovery)


if __name__ == "__main__":
    main()
