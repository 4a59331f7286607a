"""A batch of four small scans that faults are tried on, and the promises that must hold whatever happens to it.

The promises: inputs untouched; a final name only ever names a whole file with the right voxels; the log only grows;
status 0 means that everything is done; nothing but our own temporary files is left lying about; and one more run, two at
most, finishes the job with the bytes of an undisturbed run, no litter, and a log that verifies.
"""

import hashlib
import json
import os
import re
import select
import shutil
import subprocess
import tempfile
import time

from scans import gzipped, pair, scan
from trials import PATIENCE, program

LITTER = re.compile(r"\.medfilter-[0-9a-f]{16}-[0-9a-f]{16}\.tmp$")
OURS = re.compile(r"(provenance(-[0-9a-f-]+)?\.(jsonl|head)(\.torn-.*)?|names\.jsonl|summary\.json|\.medfilter/lock)$")
STATUSES = {0, 3, 64, 66, 73, 74, 75}


class Ended:
    """What a process left behind; a status below 0 is the signal that ended it."""

    def __init__(self, status, stdout, stderr, seconds):
        self.status, self.stdout, self.stderr, self.seconds = status, stdout, stderr, seconds


def start(command, folder, environment=None, **options):
    # Outputs go into files: no full pipe holds the program up.
    stdout, stderr = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"} if environment is None else environment
    defaults = {"stdin": subprocess.DEVNULL, "stdout": stdout, "stderr": stderr, **options}
    process = subprocess.Popen(command, cwd=folder, env=environment, **defaults)
    process.texts = stdout, stderr
    process.started = time.monotonic()
    return process


def is_over(process, patience):
    """Waits for the end. `Popen.wait` looks every 50 ms, which is longer than a whole run."""
    handle = os.pidfd_open(process.pid)
    try:
        return bool(select.select([handle], [], [], patience)[0])
    finally:
        os.close(handle)


def finish(process, patience=PATIENCE):
    over = process.poll() is not None or is_over(process, patience)
    seconds = time.monotonic() - process.started
    if not over:
        process.kill()
    status = process.wait()
    status = status if over else "hangs"
    texts = []
    for text in process.texts:
        text.seek(0)
        texts.append(text.read().decode(errors="replace"))
        text.close()
    return Ended(status, *texts, seconds)


def execute(command, folder, environment=None, patience=PATIENCE, **options):
    return finish(start(command, folder, environment, **options), patience)


def files_below(folder):
    for place, folders, names in os.walk(folder):
        for name in names + [name for name in folders if os.path.islink(os.path.join(place, name))]:
            yield os.path.relpath(os.path.join(place, name), folder)


class Batch:
    """A folder with an archive, a job, and what comes of it."""

    def __init__(self, folder, image_format="nii.zst", threads=1, filters=None, more=0, **job):
        self.folder = str(folder)
        os.makedirs(f"{self.folder}/in/sub")
        header, image = pair([6, 5, 4], seed=4)
        self.write("in/a.nii", scan([8, 7, 6], seed=1))
        self.write("in/sub/b.nii.gz", gzipped(scan([7, 6, 5], "float32", seed=2)))
        self.write("in/sub/c.nii", scan([5, 4, 3, 2], "uint8", seed=3))
        self.write("in/d.hdr", header)
        self.write("in/d.img", image)
        for number in range(more):
            self.write(f"in/more/{number:03}.nii", scan([8, 7, 6], seed=number))
        self.job = {
            "medfilter": 1, "name": "faults", "input": {"root": "in"},
            "filters": filters or [{"filter": "gaussian", "fwhm_mm": 2}, {"filter": "box", "size_vox": 3}],
            "output": {"root": "out", "format": image_format}, "resources": {"threads": threads}, **job,
        }
        self.write("job.json", json.dumps(self.job).encode())
        self.inputs = self.fingerprints()

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)

    def path(self, name):
        return os.path.join(self.folder, name)

    def bytes(self, name):
        try:
            with open(self.path(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""

    def medfilter(self, *words, under=(), **options):
        return execute([*under, program(), *words], self.folder, **options)

    def run(self, *words, under=(), **options):
        return self.medfilter("run", "job.json", "--progress", "none", *words, under=under, **options)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    # What is there

    def fingerprints(self):
        """Everything about the inputs that a program could change."""
        found = {}
        for name in files_below(self.path("in")):
            status = os.stat(self.path(f"in/{name}"))
            digest = hashlib.sha256(self.bytes(f"in/{name}")).hexdigest()
            found[name] = (digest, status.st_size, status.st_mode, status.st_mtime_ns, status.st_ino)
        return found

    def outputs(self):
        """The files with final names, and the names of all else that should not be there."""
        finals, strangers, litter = {}, [], []
        for name in files_below(self.path("out")):
            if LITTER.search(os.path.basename(name)):
                litter.append(name)
            elif name.endswith((".nii", ".nii.gz", ".nii.zst")):
                finals[name] = self.bytes(f"out/{name}")
            elif not OURS.match(name):
                strangers.append(name)
        return finals, strangers, litter

    @property
    def log(self):
        return self.bytes("out/provenance.jsonl")


class Reference:
    """An undisturbed run of the same batch."""

    def __init__(self, folder, **options):
        batch = Batch(folder, **options)
        ended = batch.run()
        if ended.status != 0:
            raise SystemExit(f"the undisturbed run failed with {ended.status}: {ended.stderr}")
        self.outputs = batch.outputs()[0]
        batch.remove()


def whole_lines(log):
    return log[: log.rfind(b"\n") + 1]


def problems_now(batch, reference, ended, statuses=STATUSES):
    """Which promises the disturbed run broke."""
    problems = []
    if ended.status not in statuses:
        problems.append(f"ended with {ended.status}: {ended.stderr[-300:]}")
    if batch.fingerprints() != batch.inputs:
        problems.append("an input was changed")
    finals, strangers, _ = batch.outputs()
    for name, content in finals.items():
        if reference.outputs.get(name) != content:
            problems.append(f"{name} has its final name and is not what it should be")
    if strangers:
        problems.append(f"left lying about: {strangers}")
    if ended.status == 0 and finals.keys() != reference.outputs.keys():
        problems.append(f"status 0, but only {sorted(finals)} are there")
    return problems + problems_of_the_log(batch)


def problems_of_the_log(batch):
    """Whether verify takes what a disturbed run left for damage."""
    verified = batch.medfilter("verify", "out/provenance.jsonl")
    if verified.status in (0, 75) or (verified.status == 66 and not batch.log):
        return []
    return [f"verify calls it damaged: {verified.status} {verified.stderr[-600:]}"]


def problems_after(batch, reference, tries=2):
    """Which promises an undisturbed next run breaks."""
    before, problems, ended = batch.log, [], None
    for _ in range(tries):
        ended = batch.run()
        if ended.status == 0:
            break
    else:
        problems.append(f"the next run ends with {ended.status}: {ended.stderr[-300:]}")
    if not batch.log.startswith(whole_lines(before)):
        problems.append("the log did not only grow")
    finals, strangers, litter = batch.outputs()
    if finals != reference.outputs:
        problems.append("the outputs are not those of an undisturbed run")
    if strangers or litter:
        problems.append(f"left lying about: {strangers + litter}")
    if batch.fingerprints() != batch.inputs:
        problems.append("an input was changed")
    verified = batch.medfilter("verify", "out/provenance.jsonl")
    if verified.status != 0:
        problems.append(f"the log does not verify: {verified.status} {verified.stdout[-300:]} {verified.stderr[-300:]}")
    return problems
