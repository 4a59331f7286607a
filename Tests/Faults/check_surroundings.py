#!/usr/bin/env python3
"""Runs the batch in places that are not as they should be: limits, streams, masks, clocks, files that change.

Each trial has its number in the fault table, F1 to F34; those that are not here are in check_kills.py,
check_disk_errors.py, check_together.py and the tests of DurableIO and Provenance.
usage: check_surroundings.py [--full]     (MEDFILTER names another program than the release build)
"""

import itertools
import json
import os
import subprocess
import time

from batch import STATUSES, Batch, Reference, finish, problems_after, problems_now, start
from preload import compiled
from scans import gzipped, scan
from trials import Goal, arguments, close, has, program, scratch_folder

RUN = ["run", "job.json", "--progress", "none"]


def disturbed(folder, reference, statuses=STATUSES, under=(), environment=None, **options):
    """A run in odd surroundings, then one in good ones."""
    batch = Batch(folder)
    ended = batch.run(under=under, environment=environment, **options)
    problems = problems_now(batch, reference, ended, statuses) + problems_after(batch, reference)
    batch.remove()
    return problems


def limited(*limits, statuses=STATUSES):
    return lambda folder, reference: disturbed(folder, reference, statuses, under=["/usr/bin/prlimit", *limits])


def preloaded(library, kind, statuses=(0,), met=True, **options):
    """With calls that are not as they should be; some must have been met, or none."""

    def trial(folder, reference):
        batch = Batch(folder, **options)
        environment = {"PATH": "/usr/bin:/bin", "LD_PRELOAD": library, "AWKWARD": kind, "AWKWARD_TOLD": batch.path("met")}
        ended = batch.run(environment=environment)
        problems = problems_now(batch, reference, ended, statuses) + problems_after(batch, reference)
        count = int(batch.bytes("met") or -1)
        if count < 0 or (count > 0) != met:
            problems.append(f"{count} calls were {kind}")
        batch.remove()
        return problems

    return trial


def in_shell(words, statuses=(0,)):
    shell = ["/bin/sh", "-c", f'{words} "$@"', "sh"]
    return lambda folder, reference: disturbed(folder, reference, statuses, under=shell)


def empty_environment(folder, reference):
    return disturbed(folder, reference, {0}, environment={})


def stuck_reader(folder, reference):
    """F29: standard output is a pipe that nobody reads and that is full; the data is safe before anything is told."""
    batch = Batch(folder)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, bytes(4096))
    except BlockingIOError:
        os.set_blocking(writing, True)
    process = start([program(), *RUN, "--json"], batch.folder, stdout=writing)
    deadline = time.monotonic() + 20
    while b'"state": "finished"' not in (batch.bytes("out/summary.json") or b"") and time.monotonic() < deadline:
        time.sleep(0.01)
    problems = [] if batch.outputs()[0] == reference.outputs else ["outputs are missing"]
    os.close(writing)
    os.close(reading)
    ended = finish(process)
    # The work is done, and whoever wanted the results has not got them.
    problems += problems_now(batch, reference, ended, {74}) + problems_after(batch, reference)
    batch.remove()
    return problems


def masked(mask, statuses=(0,)):
    """An umask that leaves nothing, or everything that the inputs let in."""

    def trial(folder, reference):
        batch = Batch(folder)
        # All of them were written alike.
        most = next(os.stat(os.path.join(place, name)).st_mode
                    for place, _, names in os.walk(batch.path("in")) for name in names) & 0o666
        ended = batch.run(under=["/bin/sh", "-c", f'umask {mask:03o}; exec "$@"', "sh"])
        problems = problems_now(batch, reference, ended, statuses)
        for name in batch.outputs()[0]:
            mode = os.stat(batch.path(f"out/{name}")).st_mode & 0o777
            if mode != most & ~mask:
                problems.append(f"{name} has mode {mode:03o}")
        subprocess.run(["chmod", "-R", "u+rwX", batch.path("out")], check=True)
        problems += problems_after(batch, reference)
        batch.remove()
        return problems

    return trial


def full_log(number):
    """F7: only the log's disk is full; nothing gets its name that cannot be recorded."""

    def trial(folder, reference):
        batch = Batch(folder)
        inject = ["-e", "trace=write", "-e", f"inject=write:error=ENOSPC:when={number}+"]
        watch = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", batch.path("out/provenance.jsonl"), *inject]
        ended = batch.run(under=watch)
        problems = problems_now(batch, reference, ended, {74, 73})
        told = [json.loads(line) for line in batch.log.splitlines()]
        prepared = {record["out"]["name"] for record in told if record["type"] == "prepared"}
        if set(batch.outputs()[0]) - prepared:
            problems.append("an output has its name and no record")
        problems += problems_after(batch, reference)
        batch.remove()
        return problems

    return trial


def wait_for_reading(batch, tracer, path):
    """Until the run has begun, which is after planning, and the file is open."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if b'"run_start"' in batch.log and path in open_files(tracer):
            return
        time.sleep(0.01)


def open_files(tracer):
    """What the traced program has open."""
    try:
        with open(f"/proc/{tracer.pid}/task/{tracer.pid}/children") as children:
            child = children.read().split()[0]
        return {os.readlink(f"/proc/{child}/fd/{number}") for number in os.listdir(f"/proc/{child}/fd")}
    except (OSError, IndexError):
        return set()


def changing(change):
    """F23: the input changes while it is read, which takes long."""

    def trial(folder, reference):
        batch = Batch(folder)
        large = scan([128, 128, 40], "uint8", seed=9)
        batch.write("in/e.nii.gz", gzipped(large))
        path = batch.path("in/e.nii.gz")
        # Long reads of this file alone.
        watch = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", path, "-e", "trace=read,pread64", "-e",
                 "inject=read,pread64:delay_exit=500000"]
        process = start([*watch, program(), *RUN], batch.folder)
        wait_for_reading(batch, process, path)
        change(path, gzipped(scan([128, 128, 40], "uint8", seed=10)))
        ended = finish(process)
        failed = [one for one in json.loads(batch.bytes("out/summary.json") or b'{"scans": []}')["scans"]
                  if one["outcome"] == "failed"]
        problems = [] if ended.status == 3 else [f"ended with {ended.status}: {ended.stderr[-200:]}"]
        # What is read may be damaged in more ways than one before the end, where the file is looked at again.
        damaged = {"E_GZ_CRC", "E_GZ_FORMAT", "E_GZ_TRUNCATED", "E_TRAILING"}
        may = {"E_IN_CHANGED"} | (set() if change is touch else damaged)
        if len(failed) != 1 or failed[0]["class"] not in may:
            problems.append(f"failed: {failed}")
        if set(batch.outputs()[0]) != set(reference.outputs):
            problems.append(f"outputs: {sorted(batch.outputs()[0])}")
        batch.remove()
        return problems

    return trial


def rewrite(path, content):
    with open(path, "r+b") as file:
        file.write(content)


def truncate(path, _):
    os.truncate(path, 2000)


def touch(path, _):
    os.utime(path)


def altered_output(folder, reference):
    """F24: somebody changes an output; verify says so, and the next run does not count it as done."""
    batch = Batch(folder)
    batch.run()
    name = sorted(reference.outputs)[0]
    content = bytearray(batch.bytes(f"out/{name}"))
    content[-1] ^= 1
    batch.write(f"out/{name}", bytes(content))
    verified = batch.medfilter("verify", "out/provenance.jsonl")
    again = batch.run()
    problems = [] if verified.status == 65 else [f"verify ends with {verified.status}"]
    if again.status != 3 or "E_OUT_EXISTS" not in again.stderr:
        problems.append(f"the next run ends with {again.status}: {again.stderr}")
    batch.remove()
    return problems


def other_job(folder, reference):
    """F22: another job wants the same names; nothing of the first is overwritten."""
    batch = Batch(folder)
    batch.run()
    batch.write("job.json", json.dumps({**batch.job, "filters": [{"filter": "box", "size_vox": 5}]}).encode())
    ended = batch.run()
    summary = json.loads(batch.bytes("out/summary.json"))
    reasons = [entry.get("class") for entry in summary["scans"]]
    refused = ended.status == 3 and reasons == ["E_OUT_EXISTS"] * len(reference.outputs)
    problems = [] if refused else [f"{ended.status}: {ended.stderr}"]
    if batch.outputs()[0] != reference.outputs:
        problems.append("outputs were overwritten")
    batch.remove()
    return problems


def torn(cut):
    """F26: the log lost its last bytes."""

    def trial(folder, reference):
        batch = Batch(folder)
        batch.run()
        os.truncate(batch.path("out/provenance.jsonl"), len(batch.log) - cut)
        os.unlink(batch.path("out/provenance.head"))
        return judge_torn(batch, reference)

    return trial


def judge_torn(batch, reference):
    ended = batch.run()
    # A log that is shorter than its head says is refused; a torn one without a head is put right.
    problems = [] if ended.status in (0, 73, 74) else [f"ended with {ended.status}: {ended.stderr[-300:]}"]
    if batch.outputs()[0] != reference.outputs:
        problems.append("outputs changed")
    if ended.status == 0 and batch.medfilter("verify", "out/provenance.jsonl").status != 0:
        problems.append("the mended log does not verify")
    batch.remove()
    return problems


def flipped(share):
    """F27: a bit in the middle of the log; nothing is added to it."""

    def trial(folder, reference):
        batch = Batch(folder)
        batch.run()
        log = bytearray(batch.log)
        log[int(len(log) * share)] ^= 1
        batch.write("out/provenance.jsonl", bytes(log))
        batch.write("in/new.nii", scan([4, 4, 4]))
        ended = batch.run()
        problems = [] if ended.status in (73, 74) else [f"ended with {ended.status}: {ended.stderr[-300:]}"]
        if batch.log != bytes(log) or batch.outputs()[0] != reference.outputs:
            problems.append("went on with a damaged log")
        batch.remove()
        return problems

    return trial


def trials(full, library):
    few = range(1, 9) if full else range(1, 9, 3)
    yield from [(f"F14 files of at most {size} bytes", limited(f"--fsize={size}"))
                for size in (0, 100, 500, 5000, 50000)]
    yield from [(f"F15 {size} MiB of addresses", limited(f"--as={size << 20}", statuses={0, 3, 64, 127}))
                for size in (64, 100, 128, 160, 200, 256, 400, 512, 1024)]
    yield from [(f"F16 {count} descriptors", limited(f"--nofile={count}", statuses={0, 64, 127}))
                for count in range(3, 40)]
    yield "F16 one process, which root may exceed", limited("--nproc=1", statuses={0})
    if library:
        yield "F16 one lane does without threads, for its messages too", preloaded(library, "threadless")
        yield "F16 no threads for four lanes", preloaded(library, "threadless", statuses={64}, threads=4)
        yield "F10 F11 short reads and writes", preloaded(library, "short")
        yield "F12 interrupted calls", preloaded(library, "interrupted")
        yield "F32 renames that lose their answer", preloaded(library, "answers")
        yield from [(f"F25 the clock jumps by {seconds} s", preloaded(library, f"clock:{seconds}"))
                    for seconds in (-31536000, 315360000, -1)]
    yield from [(f"F30 closed {which}", in_shell(f"exec {closed};"))
                for which, closed in (("stdin", "0<&-"), ("stdout", "1>&-"), ("stderr", "2>&-"),
                                      ("all", "0<&- 1>&- 2>&-"))]
    yield "F29 a stuck reader", stuck_reader
    yield "F31 an empty environment", empty_environment
    yield from [(f"umask {mask:03o}", masked(mask)) for mask in (0, 0o027, 0o077)]
    yield "umask 777", masked(0o777, STATUSES)
    yield from [(f"F7 the log is full from line {number} on", full_log(number)) for number in few]
    yield from [(f"F23 an input changes while it is read: {what.__name__}", changing(what))
                for what in (rewrite, truncate, touch)]
    yield "F22 another job, the same names", other_job
    yield "F24 an output is changed", altered_output
    yield from [(f"F26 the log lost {cut} bytes", torn(cut)) for cut in range(1, 700 if full else 20)]
    yield from [(f"F27 a bit of the log at {share:.2f}", flipped(share)) for share in (0.1, 0.3, 0.5, 0.7)]


def main():
    options = arguments(__doc__)
    goal = Goal("G10", "the table of other faults: limits, streams, masks, clocks, changing files, torn logs")
    with scratch_folder() as scratch:
        reference = Reference(f"{scratch}/reference")
        folders = (f"{scratch}/{number}" for number in itertools.count())
        library = compiled("awkward", scratch)
        if library is None:
            goal.note("without a C compiler: no short, interrupted or answerless calls")
        goal.run([(name, lambda trial=trial, folder=next(folders): trial(folder, reference))
                  for name, trial in trials(options.full, library)], options.jobs)
    close(goal)


if __name__ == "__main__":
    main()
