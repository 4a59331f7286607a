#!/usr/bin/env python3
"""Hostile job files get the right status and sentence, and no file outside the output root is ever opened for writing.

usage: check_hostile_jobs.py              (MEDFILTER names another program than the release build)
"""

import itertools
import json
import os
import re

from batch import Batch, execute
from scans import scan
from trials import Goal, arguments, close, has, program, scratch_folder

GAUSSIAN = {"filter": "gaussian", "fwhm_mm": 2}


def job(**changes):
    """A good job with other members; `None` takes one away."""
    members = {"medfilter": 1, "name": "hostile", "input": {"root": "in"}, "filters": [GAUSSIAN],
               "output": {"root": "out", "format": "nii"}, **changes}
    return json.dumps({name: value for name, value in members.items() if value is not None}).encode()


def out(**changes):
    return job(output={"root": "out", "format": "nii", **changes})


def gaussian(**changes):
    return job(filters=[{"filter": "gaussian", **changes}])


def raw(old, new):
    """The good job with a piece of its text exchanged."""
    return job().replace(old, new)


# What is wrong, the status, a word of the sentence, the job's bytes.
TEXTS = [
    ("sound", 0, "", job()),
    ("a key twice", 64, "name", raw(b'"name": "hostile"', b'"name": "hostile", "name": "other"')),
    ("a key twice, escaped", 64, "name", raw(b'"name": "hostile"', b'"name": "hostile", "n\\u0061me": "other"')),
    ("an unknown key", 64, "sigma", gaussian(sgima_mm=2)),
    ("NUL in a path", 64, "NUL", raw(b'"in"', b'"in\\u0000x"')),
    ("a byte-order mark", 64, "byte-order mark", b"\xef\xbb\xbf" + job()),
    ("invalid UTF-8", 64, "UTF-8", raw(b"hostile", b"host\xffile")),
    ("overlong UTF-8", 64, "UTF-8", raw(b"hostile", b"host\xc0\xafile")),
    ("a lone surrogate", 64, "surrogate", raw(b"hostile", b"\\ud800")),
    ("text behind", 64, "", job() + b"{}"),
    ("nothing", 64, "", b""),
    ("100,000 levels", 64, "", b"[" * 100000),
    ("64 MiB", 64, "16 MiB", job() + b" " * (64 << 20)),
    ("1e400", 64, "fwhm_mm", raw(b'"fwhm_mm": 2', b'"fwhm_mm": 1e400')),
    ("-0", 64, "fwhm_mm", raw(b'"fwhm_mm": 2', b'"fwhm_mm": -0')),
    ("NaN", 64, "", raw(b'"fwhm_mm": 2', b'"fwhm_mm": NaN')),
    ("decimals without end", 0, "", raw(b'"fwhm_mm": 2', b'"fwhm_mm": 2.' + b"3" * 5000)),
    ("sigma 0", 64, "sigma_mm", gaussian(sigma_mm=0)),
    ("sigma negative", 64, "sigma_mm", gaussian(sigma_mm=-1)),
    ("sigma 1e9", 64, "sigma_mm", gaussian(sigma_mm=1e9)),
    ("sigma 1e300", 64, "sigma_mm", gaussian(sigma_mm=1e300)),
    ("a box of 10^9", 64, "size_vox", job(filters=[{"filter": "box", "size_vox": 10**9}])),
    ("no filters", 64, "filters", job(filters=[])),
    ("10,000 filters", 64, "filters", job(filters=[GAUSSIAN] * 10000)),
    ("an unknown filter", 64, "gaussain", job(filters=[{"filter": "gaussain"}])),
    ("a filter that is a number", 64, "filters", job(filters=[7])),
    ("no name", 64, "name", job(name=None)),
    ("a name with a slash", 64, "name", job(name="../x")),
    ("a version to come", 64, "medfilter", job(medfilter=2)),
    ("no input", 64, "input", job(input=None)),
    ("output is input", 64, "input.root", out(root="in")),
    ("output above input", 64, "input.root", out(root=".")),
    ("two scans, one output", 3, "E_OUT_CLASH", out(name="same")),
    ("outputs that fold together", 3, "E_OUT_CLASH", job(input={"root": "folded"})),
    ("a slash in the name", 64, "name", out(name="../{stem}")),
    ("dots", 64, "name", out(name="..")),
    ("a control character in the name", 64, "name", out(name="{stem}\x07")),
    ("a name of 300 bytes", 64, "name", out(name="{stem}" + "n" * 300)),
    ("level 99", 64, "level", out(format="nii.zst", level=99)),
    ("a format of its own", 64, "format", out(format="exe")),
    ("nothing matches", 66, "no scan", job(input={"root": "in", "include": ["nothing/*"]})),
    ("a pattern upwards", 64, "include", job(input={"root": "in", "include": ["../*"]})),
    ("a pattern from the root", 64, "include", job(input={"root": "in", "include": ["/etc/*"]})),
    ("a pattern to think about", 66, "", job(input={"root": "in", "include": ["**/" * 30 + "*a" * 30]})),
    ("no such root", 66, "", job(input={"root": "nowhere"})),
    ("a root that is a file", 66, "", job(input={"root": "job.json"})),
    ("an output root that is a file", 73, "output.root", out(root="file")),
    ("an output root that is a link", 73, "output.root", out(root="link")),
    ("an output root below a file", 73, "output.root", out(root="file/below")),
    ("an output root that may not be made", 73, "output.root", out(root="/proc/medfilter")),
    ("memory negative", 64, "memory_mb", job(resources={"memory_mb": -1})),
    ("threads negative", 64, "threads", job(resources={"threads": -1})),
    ("a million threads", 64, "threads", job(resources={"threads": 10**6})),
    ("threads as text", 64, "threads", job(resources={"threads": "4"})),
    ("an unknown leniency", 64, "accept", job(policy={"accept": ["everything"]})),
    ("a mask that is not there", 64, "filters[0].file", job(filters=[{"filter": "mask", "file": "none.nii"}])),
    ("a mask that is a pipe", 64, "filters[0].file", job(filters=[{"filter": "mask", "file": "pipe"}])),
    ("a mask without end", 64, "filters[0].file", job(filters=[{"filter": "mask", "file": "/dev/zero"}])),
    ("weights without end", 64, "", job(filters=[{"filter": "kernel", "file": "/dev/zero"}])),
    ("weights from a pipe", 64, "", job(filters=[{"filter": "kernel", "file": "pipe"}])),
    ("weights that are ragged", 64, "weights", job(filters=[{"filter": "kernel", "weights": [[1, 2], [3]]}])),
    ("weights that are huge", 64, "weights", job(filters=[{"filter": "kernel", "weights": [1e308, 1e308]}])),
]

# Job files that are something else than files with a job.
FILES = [
    ("the job is a pipe", 64, lambda path: os.mkfifo(path)),
    ("the job is a folder", 64, lambda path: os.mkdir(path)),
    ("the job is a device", 64, lambda path: os.symlink("/dev/zero", path)),
    ("the job is not there", 64, lambda path: None),
]

# Calls that make, change or name files; `?` where not every processor's Linux has them.
CALLS = ("?open,openat,openat2,?creat,?rename,renameat,renameat2,?unlink,unlinkat,?rmdir,?mkdir,mkdirat,?link,linkat,"
         "?symlink,symlinkat,?mknod,mknodat,truncate,?chmod,fchmodat,?chown,fchownat,utimensat")
CALL = re.compile(r"\d+\s+(?P<name>\w+)\((?P<words>.*)\)\s+= \d+(?:<(?P<opened>.*)>)?$")
# A folder's descriptor, where there is one, and a name.
PLACE = re.compile(r'(?:(?:AT_FDCWD|\d+)<(?P<folder>[^>]*)>, )?"(?P<name>[^"]*)"')


def prepare(folder):
    batch = Batch(folder)
    batch.write("folded/a.nii", scan([4, 4, 4]))
    batch.write("folded/A.nii", scan([4, 4, 4]))
    batch.write("file", b"a file")
    os.mkdir(batch.path("elsewhere"))
    os.symlink("elsewhere", batch.path("link"))
    os.mkfifo(batch.path("pipe"))
    return batch


def written(batch):
    """The paths that a traced run opened for writing, made, named or removed; only calls that succeeded."""
    with open(batch.path("calls"), errors="replace") as calls:
        for call in filter(None, map(CALL.match, calls)):
            if not call["name"].startswith("open"):
                for place in PLACE.finditer(call["words"]):
                    yield os.path.normpath(os.path.join(place["folder"] or batch.folder, place["name"]))
            elif re.search("O_(WRONLY|RDWR|CREAT)", call["words"]) and call["opened"] != "/dev/null":
                # What was opened, wherever the name led.
                yield call["opened"]


def escapes(batch, is_done):
    """Writing outside the output root; a job that is done must have been seen writing inside."""
    root, paths = batch.path("out"), list(written(batch))
    found = [f"writes elsewhere: {path}" for path in paths if path != root and not path.startswith(root + "/")]
    return found + (["was not seen writing anything"] if is_done and not paths else [])


def judge(folder, status, word, content):
    batch = prepare(folder)
    if callable(content):
        os.unlink(batch.path("job.json"))
        content(batch.path("job.json"))
    else:
        batch.write("job.json", content)
    watch = ["strace", "-f", "-y", "-z", "-qq", "-o", "calls", "-e", f"trace={CALLS}"]
    ended = execute([*(watch if has("strace") else []), program(), "run", "job.json", "--progress", "none"],
                    batch.folder, patience=20)
    problems = [] if ended.status == status else [f"expected {status}, ended with {ended.status}: {ended.stderr[:300]}"]
    if word not in ended.stderr:
        problems.append(f"does not tell of {word!r}: {ended.stderr[:300]}")
    if has("strace"):
        problems += escapes(batch, status == 0)
    if batch.fingerprints() != batch.inputs:
        problems.append("an input was changed")
    if status in (64, 66, 73) and os.path.exists(batch.path("out")):
        problems.append("made an output root for nothing")
    batch.remove()
    return problems


def main():
    options = arguments(__doc__)
    goal = Goal("G5", "hostile jobs: the right status, nothing opened for writing outside the output root")
    with scratch_folder() as scratch:
        folders = (f"{scratch}/{number}" for number in itertools.count())
        rows = TEXTS + [(name, status, "", make) for name, status, make in FILES]
        goal.run([(name, lambda status=status, word=word, content=content, folder=next(folders):
                   judge(folder, status, word, content)) for name, status, word, content in rows], options.jobs)
    if not has("strace"):
        goal.note("without strace: what was opened was not watched")
    close(goal)


if __name__ == "__main__":
    main()
