#!/usr/bin/env python3
"""Real files that others test their readers with: each refused as listed, or read voxel by voxel as nibabel reads it.

The files are nibabel's own; with --full also those that other packages carry (real_files.txt), which pip fetches.
usage: check_real_files.py [--full]       (MEDFILTER names another program than the release build)
Runs with the Python of Config/peers.sh, where that has been made.
"""

import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

from batch import execute
from trials import ROOT, Goal, arguments, close, program, scratch_folder

try:
    import nibabel
    import numpy

    # It tells of every damaged header.
    nibabel.imageglobals.logger.setLevel("CRITICAL")
except ImportError:
    peers = pathlib.Path(os.environ.get("MEDFILTER_PEERS", ROOT / ".peers")) / "bin" / "python"
    if peers.exists() and sys.executable != str(peers):
        os.execv(peers, [str(peers), *sys.argv])
    nibabel = None

LIST = ROOT / "Tests" / "Faults" / "real_files.txt"
FETCHED = ROOT / ".build" / "real-files"
SCANS = (".nii", ".nii.gz", ".hdr")
# What must be refused, by the end of its path, beside files of no bytes; every other scan must be read.
REFUSED = {
    "nibabel/tests/data/analyze.hdr": "E_PAIR_MISSING",
    "nibabel/tests/data/nifti1.hdr": "E_PAIR_MISSING",
    "nibabel/tests/data/nifti2.hdr": "E_PAIR_MISSING",
    # CIFTI: a table of connections.
    "nibabel/tests/data/row_major.dconn.nii": "E_FMT_NOVOLUME",
    # A header and not one voxel.
    "bids/tests/data/images/3d.nii.gz": "E_TRUNCATED",
    "bids/tests/data/images/4d.nii.gz": "E_TRUNCATED",
}
# Stored types that are computed in double.
IN_DOUBLE = ("float64", "int32", "uint32", "int64", "uint64")
# Files of other kinds, tried under the name of a scan.
OTHERS = (".BRIK", ".HEAD", ".PAR", ".REC", ".dcm", ".gz", ".gii", ".mgz", ".mnc", ".tck", ".trk", ".v", ".bin")


def folders(full):
    """Folders with real files; pip fetches what is not there yet."""
    yield pathlib.Path(nibabel.__file__).parent
    if full:
        FETCHED.mkdir(parents=True, exist_ok=True)
        # Only what is inside matters, so the wheels are those of one platform everywhere.
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                 "--require-hashes", "--only-binary=:all:", "--implementation=cp", "--python-version=3.11",
                 "--platform=manylinux_2_28_x86_64", f"--dest={FETCHED}", "-r", str(LIST)]
        if not list(FETCHED.glob("*.whl")):
            subprocess.run(fetch, check=False)
        for wheel in sorted(FETCHED.glob("*.whl")):
            yield unpacked(wheel)


def unpacked(wheel):
    place = wheel.with_suffix("")
    if not place.is_dir():
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(place)
    return place


def expected(path):
    """The class of a scan's refusal; `None` when it must be read."""
    if path.stat().st_size == 0:
        return "E_IN_EMPTY"
    return next((verdict for end, verdict in REFUSED.items() if str(path).endswith(end)), None)


def other_kind(path):
    """The class for a file that is no scan and is named like one, by its first bytes."""
    with open(path, "rb") as file:
        first = file.read(4)
    if first[:2] == b"\x1f\x8b":
        return "E_FMT_MISMATCH"
    # DICOM files may begin with the size of a NIfTI header, to be both at once.
    return "E_HDR_MAGIC" if first == (348).to_bytes(4, "little") else "E_FMT_UNKNOWN" if first else "E_IN_EMPTY"


def run(folder, path, name):
    """A job over one file that passes its voxels on; its failure's class or None, and problems."""
    os.makedirs(f"{folder}/in")
    shutil.copyfile(path, f"{folder}/in/{name}")
    for image in path.parent.glob(f"{path.stem}.img*") if path.suffix == ".hdr" else ():
        shutil.copyfile(image, f"{folder}/in/{image.name}")
    job = {"medfilter": 1, "name": "real", "input": {"root": "in"}, "filters": [{"filter": "scale", "slope": 1}],
           "output": {"root": "out", "format": "nii", "name": "out", "voxel_type": "float64"},
           "policy": {"nonfinite": "propagate"}}
    pathlib.Path(f"{folder}/job.json").write_text(json.dumps(job))
    ended = execute([program(), "run", "job.json", "--threads", "1", "--json", "--progress", "none"], folder)
    if ended.status not in (0, 3):
        return "?", [f"ended with {ended.status}: {ended.stderr[-300:]}"]
    scans = json.loads(ended.stdout)["scans"]
    problems = [] if len(scans) == 1 else [f"{len(scans)} scans"]
    return scans[0].get("class"), problems


def judge(folder, path, name, verdict):
    found, problems = run(folder, path, name)
    if found != verdict:
        problems.append(f"expected {verdict or 'done'}, found {found or 'done'}")
    outputs = list(pathlib.Path(f"{folder}/out").rglob("*.nii"))
    if found is None and len(outputs) == 1:
        problems += differences(path, outputs[0])
    elif outputs or found is None:
        problems.append(f"written: {outputs}")
    # What holds no volume is sound all the same.
    if verdict not in (None, "E_FMT_NOVOLUME") and reads(f"{folder}/in/{name}"):
        problems.append("nibabel reads it")
    shutil.rmtree(folder)
    return problems


def image(path):
    """As the NIfTI file that it is, whatever nibabel would make of its extensions."""
    with nibabel.openers.ImageOpener(path) as file:
        size = file.read(4)
    is_second = 540 in (int.from_bytes(size, order) for order in ("little", "big"))
    return (nibabel.Nifti2Image if is_second else nibabel.Nifti1Image).from_filename(path)


def reads(path):
    """Whether nibabel reads a file to its end."""
    try:
        return numpy.asanyarray(image(path).dataobj).size > 0
    except Exception:  # noqa: BLE001 - it has as many as there are ways to be damaged
        return False


def differences(path, output):
    """From nibabel's voxels and affine; medfilter computes in float what float holds, and the rest in double."""
    theirs, ours = image(path), image(output)
    voxels = numpy.asanyarray(theirs.dataobj).astype(numpy.float64)
    if theirs.get_data_dtype().newbyteorder("=") not in IN_DOUBLE:
        voxels = voxels.astype(numpy.float32).astype(numpy.float64)
    problems = [] if theirs.shape == ours.shape else [f"shapes {theirs.shape} and {ours.shape}"]
    if not problems and not numpy.array_equal(voxels, numpy.asanyarray(ours.dataobj), equal_nan=True):
        problems.append("other voxels than nibabel's")
    return problems + ([] if numpy.array_equal(theirs.affine, ours.affine) else ["another affine than nibabel's"])


def main():
    options = arguments(__doc__)
    bad = Goal("G2", "real files that are no sound scans, refused as listed; nibabel reads none of them either")
    good = Goal("G3", "real scans that others test with: voxels and affine as nibabel reads them")
    if nibabel is None:
        bad.note("skipped: no Python with nibabel; Config/peers.sh makes one")
        close(bad, good)
    with scratch_folder() as scratch:
        places = (f"{scratch}/{number}" for number in itertools.count())
        for folder in folders(options.full):
            files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
            scans = [(path, path.name, expected(path)) for path in files if path.name.endswith(SCANS)]
            others = [(path, "x.nii", other_kind(path)) for path in files
                      if path.name.endswith(OTHERS) and not path.name.endswith(SCANS) and "tests" in path.parts]
            for goal, rows in ((bad, [row for row in scans + others if row[2]]),
                               (good, [row for row in scans if row[2] is None])):
                goal.run([(str(path.relative_to(folder)), lambda row=(path, name, verdict), place=next(places):
                           judge(place, *row)) for path, name, verdict in rows], options.jobs)
            name = " ".join(folder.name.split("-")[:2])
            bad.note(f"{name}: {len(scans)} scans, {len(others)} others")
    if options.full and not list(FETCHED.glob("*.whl")):
        bad.note("nibabel's files alone: the packages of real_files.txt are not to be had here")
    close(bad, good)


if __name__ == "__main__":
    main()
