#!/usr/bin/env python3
"""Flips every byte of a small .nii.gz and .nii.zst, and cuts them at every place: nothing but the truth comes out.

Each damaged file must be refused, unless its voxels are untouched; a batch of them is one run of the program.
usage: check_damage.py [--full]           (MEDFILTER names another program than the release build)
"""

import itertools
import json
import pathlib
import shutil
import subprocess

from batch import execute
from scans import gzipped, scan
from trials import Goal, arguments, close, has, program, sample, scratch_folder

BATCH = 2000


def compressed(kind, full):
    """A stream of 15 KiB, in full of some 64 KiB, of numbers that compress a little."""
    content = scan([40, 40, 37] if full else [24, 24, 24], "int16", seed=5)
    if kind == "gz":
        return content, gzipped(content)
    command = ["zstd", "-q", "--check", "-3"]
    return content, subprocess.run(command, input=content, stdout=subprocess.PIPE, check=True).stdout


def own(folder, kind):
    """What medfilter itself wrote."""
    pathlib.Path(f"{folder}/in").mkdir(parents=True)
    pathlib.Path(f"{folder}/in/x.nii").write_bytes(scan([20, 20, 12], "int16", seed=6))
    run(folder, f"nii.{kind}")
    content = pathlib.Path(f"{folder}/out/x.nii.{kind}").read_bytes()
    shutil.rmtree(folder)
    return content


def run(folder, image_format="nii"):
    """A job that passes voxels on as they are."""
    job = {"medfilter": 1, "name": "damage", "input": {"root": "in"}, "filters": [{"filter": "scale", "slope": 1}],
           "output": {"root": "out", "format": image_format, "voxel_type": "same"}}
    pathlib.Path(f"{folder}/job.json").write_text(json.dumps(job))
    words = ["run", "job.json", "--threads", "2", "--progress", "none", "--quiet"]
    return execute([program(), *words], folder, patience=600)


def judge(folder, kind, files):
    """Runs a batch of damaged files; returns the problems of each by name.

    Each must be told as refused, with its class, or come out with all voxels as they were: none may be passed over.
    """
    pathlib.Path(f"{folder}/in").mkdir(parents=True)
    sound, *others = files
    for name, content in files:
        pathlib.Path(f"{folder}/in/{name}.nii.{kind}").write_bytes(content)
    ended = run(folder)
    expected = pathlib.Path(f"{folder}/out/{sound[0]}.nii").read_bytes()
    problems = {name: [] for name, _ in others}
    if ended.status not in (0, 3):
        problems[others[0][0]] = [f"the run ended with {ended.status}: {ended.stderr[-300:]}"]
    scans = json.loads(pathlib.Path(f"{folder}/out/summary.json").read_text())["scans"]
    refused = {one["scan"] for one in scans if one["outcome"] == "failed" and one["class"].startswith("E_")}
    through = 0
    for name, _ in others:
        output = pathlib.Path(f"{folder}/out/{name}.nii")
        if output.exists() == (f"{name}.nii.{kind}" in refused):
            problems[name].append("neither refused nor done, or both")
        if output.exists():
            through += 1
            if output.read_bytes() != expected:
                problems[name].append("other voxels came out")
    shutil.rmtree(folder)
    return problems, through


def changes(content, full):
    """Every byte with all its bits turned (and one bit, in full), and every cut; `None` bits mean a cut."""
    places = range(len(content))
    flips = [(place, bits) for place in places for bits in ((0xFF, 1 << place % 8) if full else (0xFF,))]
    cuts = [(place, None) for place in places]
    return sample(flips, 1500, full) + sample(cuts, 500, full)


def changed(content, place, bits):
    if bits is None:
        return content[:place]
    copy = bytearray(content)
    copy[place] ^= bits
    return bytes(copy)


def main():
    options = arguments(__doc__)
    goals = []
    with scratch_folder() as scratch:
        folders = (f"{scratch}/{number}" for number in itertools.count())
        streams = [("gz", "gzip's .nii.gz", compressed("gz", options.full)[1]), ("gz", "our .nii.gz", own(next(folders), "gz")),
                   ("zst", "our .nii.zst", own(next(folders), "zst"))]
        if has("zstd"):
            streams.append(("zst", "zstd's .nii.zst", compressed("zst", options.full)[1]))
        for kind, name, content in streams:
            goal = Goal("G4", f"{name} of {len(content)} bytes, flipped and cut: refused, or the voxels untouched")
            every, passed = changes(content, options.full), 0
            for start in range(0, len(every), BATCH):
                files = [("sound", content)]
                files += [(f"{place}-{'cut' if bits is None else bits}", changed(content, place, bits))
                          for place, bits in every[start : start + BATCH]]
                problems, through = judge(next(folders), kind, files)
                passed += through
                for trial, found in problems.items():
                    goal.add(trial, found)
            goal.note(f"{passed} let through with the right voxels")
            goals.append(goal)
    close(*goals)


if __name__ == "__main__":
    main()
