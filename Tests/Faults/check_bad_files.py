#!/usr/bin/env python3
"""Bad files get the right verdict, from the whole program, in time and in little memory; good files are never refused.

usage: check_bad_files.py [--full]        (MEDFILTER names another program than the release build)
"""

import itertools
import json
import os
import pathlib

from batch import execute
from catalogue import EXTENSIONS, HEADERS, PLACES
from catalogue_streams import STREAMS
from trials import ROOT, Goal, arguments, close, program, scratch_folder

SECONDS, MEBIBYTES = 2, 256
GOOD = [ROOT.parent / "shared" / "data" / "scans", ROOT / "Samples" / "archive"]


def measured(command, folder):
    """Runs a command as a child that is alone in being waited for, so that its memory is known."""
    watch = ["/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    return execute([*watch, *command], folder, patience=10 * SECONDS)


# What the tolerant policy says where the strict one refuses what the voxels do not depend on; None for a finding.
TOLERATED = {
    "h06 dim [6, 5, 0]": "E_TRAILING",
    **dict.fromkeys([
        "h30 bitpix 32", "h13 pixdim -2.0", "h42 quaternion NaN", "h43 quaternion too long", "h44 sform all 0",
        "h45 sform NaN", "e02 esize 0", "e02 esize -16", "e02 esize 8", "e02 esize 20", "e02 esize 48",
        "e02 esize 2147483632", "e11b 5,000 extensions", "e12 the second is bad", "e13 extender 2",
    ]),
}


def verdict_of(folder, files, policy):
    """The class of the refusal or None, and what else is wrong."""
    os.makedirs(f"{folder}/in")
    if callable(files):
        files(f"{folder}/in")
    else:
        for name, content in files.items():
            pathlib.Path(f"{folder}/in/{name}").write_bytes(content)
    job = {"medfilter": 1, "name": "bad", "input": {"root": "in"}, "filters": [{"filter": "gaussian", "fwhm_mm": 2}],
           "output": {"root": "out", "format": "nii"}, "policy": {"headers": policy}}
    pathlib.Path(f"{folder}/job.json").write_text(json.dumps(job))
    limit = ["/usr/bin/prlimit", f"--data={MEBIBYTES << 20}"]
    ended = measured([*limit, program(), "run", "job.json", "--threads", "1", "--json", "--progress", "none"], folder)
    problems = [] if ended.seconds <= SECONDS else [f"took {ended.seconds:.1f} s"]
    if ended.status == 66:
        return 66, problems
    if ended.status not in (0, 3):
        return "?", problems + [f"ended with {ended.status}: {ended.stderr[-300:]}"]
    scans = json.loads(ended.stdout)["scans"]
    written = [path for path in pathlib.Path(f"{folder}/out").rglob("*") if path.suffix == ".nii" or "tmp" in path.name]
    if not scans:
        problems.append("no scan was looked at")
    failures = [scan for scan in scans if scan["outcome"] == "failed"]
    if len(written) + len(failures) != len(scans):
        problems.append(f"{len(scans)} scans, {len(failures)} refused, {len(written)} written")
    for failure in failures:
        for part in ("class", "expected", "found"):
            if not {**failure, **failure.get("detail", {})}.get(part):
                problems.append(f"the refusal has no {part}: {failure}")
    return (failures[0].get("class") if failures else None), problems


def judge(folder, expected, files, policy):
    found, problems = verdict_of(folder, files, policy)
    if found != expected:
        problems.append(f"expected {expected or 'done'}, found {found or 'done'}")
    return problems


def inspect(scan):
    ended = execute([program(), "inspect", str(scan)], "/")
    return [] if ended.status == 0 else [f"refused: {ended.status} {ended.stdout[-300:]} {ended.stderr[-300:]}"]


def main():
    options = arguments(__doc__)
    bad = Goal("G1", f"bad and odd files: the right verdict, at most {SECONDS} s and {MEBIBYTES} MiB, nothing written")
    good = Goal("G3", "good scans at hand that are not refused")
    with scratch_folder() as scratch:
        folders = (f"{scratch}/{number}" for number in itertools.count())
        rows = HEADERS + EXTENSIONS + STREAMS + PLACES
        trials = [(f"{name}, strict", expected, files, "strict") for name, expected, files in rows]
        trials += [(f"{name}, tolerant", TOLERATED.get(name, expected), files, "tolerant") for name, expected, files in rows]
        bad.run([(name, lambda expected=expected, files=files, policy=policy, folder=next(folders):
                  judge(folder, expected, files, policy)) for name, expected, files, policy in trials], options.jobs)
    scans = [path for place in GOOD if place.is_dir() for path in sorted(place.rglob("*"))
             if path.name.endswith((".nii", ".nii.gz", ".nii.zst", ".hdr"))]
    good.run([(scan.name, lambda scan=scan: inspect(scan)) for scan in scans], options.jobs)
    if not GOOD[0].is_dir():
        good.note("the scans of the project's users are not here, samples only")
    close(bad, good)


if __name__ == "__main__":
    main()
