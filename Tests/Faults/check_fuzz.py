#!/usr/bin/env python3
"""Feeds damaged bytes to every reader: headers, extensions, streams, JSON, jobs, kernels, logs, patterns.

A sample changes known inputs at random. With --full the readers are built with libFuzzer and the address sanitizer into
a folder of their own, and inputs that reach new code are followed up. What crashes a reader is kept in
.build/crashers; put it into Tests/Faults/Crashers once it is mended, and every run feeds it again.
usage: check_fuzz.py [--full] [--seconds N]     seconds per reader, default 5, with --full 60
"""

import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from batch import Batch
from catalogue import EXTENSIONS, HEADERS
from catalogue_streams import STREAMS
from scans import extension
from trials import ROOT, Goal, arguments, close, scratch_folder

TARGETS = ["header", "extension", "gzip", "zstd", "json", "job", "kernel", "log", "glob"]
CRASHERS = ROOT / "Tests" / "Faults" / "Crashers"
COVERED = ROOT / ".build" / "fuzz"


def texts(pattern):
    return [pathlib.Path(name).read_bytes() for name in sorted(glob.glob(str(ROOT / pattern)))]


def logs(folder):
    """A real log and its head."""
    batch = Batch(folder)
    batch.run()
    return [batch.log + b"\0" + batch.bytes("out/provenance.head")]


def seeds(target, folder):
    """What a reader usually reads, and what the other checks already damage."""
    rows = {name: files for name, _, files in HEADERS + EXTENSIONS + STREAMS if not callable(files)}
    files = [(name, content) for found in rows.values() for name, content in found.items() if len(content) < 1 << 15]
    jobs = texts("Tests/JobsTests/Corpus/*/*.json") + texts("Samples/*.json")
    kernels = [json.dumps(one).encode() for one in (
        {"weights": [1, 2, 1]}, {"weights": [[1, 2], [2, 4]], "mode": "convolve", "normalise": "sum"},
        {"weights": [[[0.5, -1e-9], [3, 1e300]]], "origin_vox": [0, 1, 0], "tolerance": 1e-3, "method": "dense"})]
    return {
        "header": lambda: [content for name, content in files if name.endswith((".nii", ".hdr"))],
        "extension": lambda: [extension(6, b"words") * 2, extension(2, b"DICOM"), extension(44, bytes(100))],
        "gzip": lambda: [content for name, content in files if name.endswith(".gz")],
        "zstd": lambda: [content for name, content in files if name.endswith(".zst")],
        "json": lambda: jobs + kernels,
        "job": lambda: jobs,
        "kernel": lambda: kernels + jobs,
        "log": lambda: logs(f"{folder}/batch"),
        "glob": lambda: [b"**/*_T1w.nii.gz\nsub-01/anat/sub-01_T1w.nii.gz", b"[!a-c]?*/**\nd/e/f",
                         b"**/**/a*a*a*b\naaaaaaaa"],
    }[target]()


def builds(covered):
    """The fuzzer, built; with libFuzzer in a folder of its own."""
    command = ["swift", "build", "-c", "release", "--product", "medfilter-fuzz", "-j", "2"]
    if covered:
        # Given twice: the compiler listens to the last word on sanitizers alone, the linker to each.
        command += ["--scratch-path", str(COVERED), "--sanitize=fuzzer", "--sanitize=address", "-Xswiftc",
                    "-sanitize=fuzzer,address", "-Xswiftc", "-DCOVERAGE"]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if built.returncode:
        sys.exit(f"the fuzzer does not build:\n{built.stdout[-3000:]}")
    return str((COVERED if covered else ROOT / ".build") / "release" / "medfilter-fuzz")


def ended(command, target, folder, patience):
    # Constants that are made once and hang on pointers with tag bits look like leaks; real ones show in the memory.
    environment = {**os.environ, "MEDFILTER_FUZZ": target, "ASAN_OPTIONS": "detect_leaks=0"}
    return subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", timeout=patience)


def stood_still(fuzzer, target, folder):
    """Whether what libFuzzer took for endless is quick when it is read again: the machine had stopped, not the reader.

    Only then is it forgotten.
    """
    slow = glob.glob(f"{folder}/crash-{target}-timeout-*")
    if not slow or any(ended([fuzzer, "-timeout=1", path], target, folder, 60).returncode for path in slow):
        return False
    for path in slow:
        os.unlink(path)
    return True


def fuzz(fuzzer, target, seconds, seed, covered, folder):
    """Runs one reader; returns what is wrong and how many inputs it was given."""
    corpus = f"{folder}/{target}"
    os.makedirs(corpus)
    old = [str(path) for path in sorted(CRASHERS.glob(f"{target}-*"))]
    for number, content in enumerate(seeds(target, f"{folder}/{target}-seeds")):
        pathlib.Path(f"{corpus}/{number:04}").write_bytes(content)
    files = sorted(glob.glob(f"{corpus}/*"))
    if not covered:
        words = [fuzzer, target, "--seconds", str(seconds), "--seed", str(seed), *files]
        return read([fuzzer, target, *files, *old], words, target, folder, seconds)
    words = [fuzzer, "-timeout=10", "-rss_limit_mb=2048", "-max_len=65536",
             f"-artifact_prefix={folder}/crash-{target}-", "-print_final_stats=1", "-detect_leaks=0", corpus]
    problems, count, until = [], 0, time.monotonic() + seconds
    while not problems and (left := round(until - time.monotonic())) > 0:
        limits = [f"-max_total_time={left}", f"-seed={seed + count}"]
        found, more = read([fuzzer, *old] if old else None, [*words, *limits], target, folder, left)
        problems, count = [] if found and stood_still(fuzzer, target, folder) else found, count + more
    return problems, count


def read(replay, words, target, folder, seconds):
    """Feeds what once crashed, and then new inputs; returns what is wrong and how many new ones there were."""
    problems, told = [], ""
    for command in filter(None, [replay, words]):
        one = ended(command, target, folder, seconds + 300)
        told = one.stdout
        if one.returncode:
            problems.append(f"ended with {one.returncode}: {told[-1500:]}")
    counted = re.search(r"number_of_executed_units: (\d+)|: (\d+) executions", told)
    count = int(counted[1] or counted[2]) if counted else 0
    if not count:
        problems.append(f"nothing was read: {told[-500:]}")
    return problems, count


def keep(folder):
    """Saves what crashed."""
    found = glob.glob(f"{folder}/crash-*") + glob.glob(f"{folder}/fuzz-*.current")
    place = ROOT / ".build" / "crashers"
    for path in found:
        place.mkdir(parents=True, exist_ok=True)
        print(f"kept: {shutil.copy(path, place)}")


def main():
    seconds = int(sys.argv.pop(sys.argv.index("--seconds") + 1)) if "--seconds" in sys.argv else None
    sys.argv = [word for word in sys.argv if word != "--seconds"]
    options = arguments(__doc__)
    seconds = seconds or (60 if options.full else 5)
    goal = Goal("G15", f"readers fed with damaged bytes for {seconds} s each, "
                       + ("led by coverage, address sanitizer on" if options.full else "changed at random"))
    fuzzer, total = builds(options.full), 0
    with scratch_folder() as scratch:
        for target in TARGETS:
            problems, count = fuzz(fuzzer, target, seconds, options.seed, options.full, scratch)
            goal.add(target, problems)
            goal.note(f"{target} {count}")
            total += count
        keep(scratch)
    goal.note(f"{total} executions")
    close(goal)


if __name__ == "__main__":
    main()
