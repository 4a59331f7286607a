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


def fuzz(fuzzer, target, seconds, seed, covered, folder):
    """Runs one reader; returns what is wrong and how many inputs it was given."""
    corpus = f"{folder}/{target}"
    os.makedirs(corpus)
    old = [str(path) for path in sorted(CRASHERS.glob(f"{target}-*"))]
    for number, content in enumerate(seeds(target, f"{folder}/{target}-seeds")):
        pathlib.Path(f"{corpus}/{number:04}").write_bytes(content)
    files = sorted(glob.glob(f"{corpus}/*"))
    if covered:
        words = [f"-max_total_time={seconds}", f"-seed={seed}", "-timeout=10", "-rss_limit_mb=2048",
                 "-max_len=65536", f"-artifact_prefix={folder}/crash-{target}-", "-print_final_stats=1",
                 "-detect_leaks=0", corpus]
        replays = [[fuzzer, *old]] if old else []
    else:
        words = [target, "--seconds", str(seconds), "--seed", str(seed), *files]
        replays = [[fuzzer, target, *files, *old]]
    problems, told = [], ""
    for command in [*replays, [fuzzer, *words]]:
        # Constants that are made once and hang on pointers with tag bits look like leaks; real ones show in the memory.
        environment = {**os.environ, "MEDFILTER_FUZZ": target, "ASAN_OPTIONS": "detect_leaks=0"}
        ended = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", timeout=seconds + 300)
        told = ended.stdout
        if ended.returncode:
            problems.append(f"ended with {ended.returncode}: {told[-1500:]}")
    counted = re.search(r"number_of_executed_units: (\d+)" if covered else r": (\d+) executions", told)
    count = int(counted[1]) if counted else 0
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
