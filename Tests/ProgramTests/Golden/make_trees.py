#!/usr/bin/env python3
"""Makes output trees with a given build of the program, for every later build to verify, replay and find up to date.

    python make_trees.py PROGRAM FOLDER      as build-1 was made, by the build of 2026-11-21 (commit 3ddce63)

A folder of trees is never made again: it stands for what lies in archives. A later build gets a folder of its own.
The seeds are fixed, but keys, names of logs and times are not, so two makings differ.
"""

import gzip
import json
import os
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Faults"))
from scans import TYPES, header1, header2, noise, product  # noqa: E402

import struct  # noqa: E402

SMOOTH = [{"filter": "gaussian", "fwhm_mm": 3.5}]
GABOR = [[[random.Random(11).uniform(-1, 1) for _ in range(3)] for _ in range(3)] for _ in range(3)]
CHAIN = [
    {"filter": "gaussian", "sigma_vox": [0.8, 1.2, 0.6], "order": [1, 0, 0], "boundary": "mirror"},
    {"filter": "box", "size_vox": 3, "boundary": "wrap"},
    {"filter": "kernel", "weights": GABOR, "mode": "correlate", "method": "dense", "boundary": "nearest"},
    {"filter": "kernel", "weights": [[1, 2, 1], [2, 5, 2], [1, 2, 1]], "normalise": "sum", "boundary": "constant",
     "value": 2},
    {"filter": "scale", "slope": 0.5, "intercept": 3},
    {"filter": "clamp", "lower": -1000, "upper": 1000},
    {"filter": "threshold", "lower": -500, "outside": 7},
]
MASKED = [
    {"filter": "gaussian", "sigma_vox": 1, "mask": "../mask.nii.gz", "mask_outside": "zero"},
    {"filter": "mask", "file": "../mask.nii.gz"},
]
BEYOND = [{"filter": "gaussian", "sigma_vox": 1, "mask": "../mask.nii.gz", "boundary": "constant", "value": 0}]


def single(dims, kind, seed, big=False, version=1, voxels=None, **fields):
    order = ">" if big else "<"
    make, pad = (header1, 4) if version == 1 else (header2, 4)
    values = voxels or noise(product(dims), seed)
    return bytes(make(dims, kind, order=order, **fields)) + b"\0" * pad + struct.pack(
        f"{order}{len(values)}{TYPES[kind][2]}", *values)


def archive(folder):
    dims = [7, 6, 5]
    files = {
        "sub-01/anat/sub-01_T1w.nii.gz": gzip.compress(single(dims, "int16", 1, pixdim=[1.0, 1.0, 1.5, 2.0] + [1.0] * 4)),
        "sub-01/func/sub-01_bold.nii": single([5, 6, 4, 3], "float32", 2),
        "sub-02/two.nii": single(dims, "float64", 3, version=2),
        "sub-02/big.nii": single(dims, "int32", 4, big=True),
        "sub-03/pair.hdr": bytes(header1(dims, "uint8", offset=0.0, magic=b"ni1\0")),
        "sub-03/pair.img": bytes(noise(product(dims), 5)),
    }
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    inside = [1 if 1 <= i <= 5 and j >= 1 else 0 for _ in range(5) for j in range(6) for i in range(7)]
    (folder.parent / "mask.nii.gz").write_bytes(gzip.compress(single(dims, "uint8", 0, voxels=inside)))


def job(name, filters=SMOOTH, output=None, policy=None, **given):
    return {"medfilter": 1, "name": name, "input": {"root": "../archive", **given}, "filters": filters,
            "output": {"root": f"../out/{name}", **(output or {})}, "policy": policy or {}}


JOBS = [
    job("nii", output={"format": "nii"}),
    *[job(f"gzip-{level}", output={"format": "nii.gz", "level": level}) for level in (1, 4, 9)],
    *[job(f"zstd-{level}", output={"format": "nii.zst", "level": level, "voxel_type": "int16"}) for level in (1, 3, 12)],
    job("default"),
    job("chain", CHAIN, output={"format": "nii.zst", "name": "{stem}_desc-chain"}),
    *[job(f"type-{kind}", output={"format": "nii", "voxel_type": kind}, include=["sub-0[12]/**"])
      for kind in ("same", "uint8", "float64")],
    job("mask", MASKED, output={"format": "nii"}, include=["sub-02/*"]),
    job("mask-constant", BEYOND, output={"format": "nii"}, include=["sub-02/*"]),
    job("ignore", [{"filter": "box", "size_vox": 3}], output={"format": "nii"}, policy={"nonfinite": "ignore"}),
    job("renormalise", [{"filter": "box", "size_vox": 5, "boundary": "renormalise"}], output={"format": "nii"}),
    job("retention", output={"format": "nii"}, policy={"extensions": "drop", "text_fields": "clear"}),
    job("hmac", policy={"names": "hmac"}),
    job("failed", output={"format": "nii"}),
    job("signed"),
    job("rotated", output={"format": "nii"}),
    job("recovered", output={"format": "nii"}),
]


def run(program, folder, *arguments, under=(), expect=(0,)):
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MEDFILTER_NAMES_KEY_FILE": str(folder / "names.key")}
    done = subprocess.run([*under, program, "run", *arguments, "--threads", "2"], cwd=folder / "jobs", env=environment,
                          capture_output=True, text=True)
    if done.returncode not in expect:
        sys.exit(f"{arguments}: status {done.returncode}\n{done.stdout}\n{done.stderr}")


def make(program, folder):
    archive(folder / "archive")
    (folder / "names.key").write_bytes(bytes(range(32)))
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", folder / "signing.pem"], check=True)
    for secret in ("names.key", "signing.pem"):
        (folder / secret).chmod(0o600)
    (folder / "jobs").mkdir()
    for each in JOBS:
        (folder / "jobs" / f"{each['name']}.json").write_text(json.dumps(each, indent=1) + "\n")
        special = each["name"] in ("failed", "signed", "rotated", "recovered")
        if not special:
            run(program, folder, f"{each['name']}.json")
    anchors = folder / "anchors"
    anchors.mkdir()
    for _ in range(2):
        run(program, folder, "signed.json", "--signing-key", "../signing.pem", "--anchor", "../anchors")
    run(program, folder, "rotated.json")
    run(program, folder, "rotated.json", "--rotate-log", "1kB", "--force")
    run(program, folder, "rotated.json", "--rotate-log", "1kB")
    # Killed while the third file gets its name; the next run says what this one had no time to say.
    run(program, folder, "recovered.json", expect=(-9,), under=[
        "strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=renameat2:signal=KILL:when=3"])
    run(program, folder, "recovered.json")
    # A scan that ends too soon, in an archive of its own: every other job would fail with it.
    short = folder / "archive-short"
    (short / "sub-01").mkdir(parents=True)
    (short / "sub-01" / "short.nii").write_bytes(single([7, 6, 5], "int16", 6)[:-9])
    (short / "sub-01" / "whole.nii").write_bytes(single([7, 6, 5], "int16", 7))
    path = folder / "jobs" / "failed.json"
    path.write_text(path.read_text().replace("../archive", "../archive-short"))
    run(program, folder, "failed.json", expect=(3,))
    # The lock says on which machine it was taken; a tree that was copied has none.
    for state in folder.glob("out/*/.medfilter"):
        for file in state.iterdir():
            file.unlink()
        state.rmdir()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    make(os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve())
