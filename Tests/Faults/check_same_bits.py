#!/usr/bin/env python3
"""Runs a batch with every instruction set, thread count and memory budget: one digest per volume, whatever is asked.

usage: check_same_bits.py [--full]        (MEDFILTER names another program than the release build)
"""

import itertools
import json
import shutil

from batch import Batch
from scans import gzipped, scan
from trials import Goal, arguments, close, scratch_folder

FILTERS = [
    {"filter": "gaussian", "sigma_vox": [1.3, 0.8, 2.1]},
    {"filter": "kernel", "weights": [[1, 2, 1], [2, 5, 2], [1, 2, 2]], "mode": "correlate", "method": "dense"},
    {"filter": "box", "size_vox": 4, "boundary": "wrap"},
]
# libc picks its own functions by processor too; none of them may matter.
MASKS = ["", "glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4", "glibc.cpu.hwcaps=-AVX512F,-AVX512VL"]


def digests(batch, isa, threads, memory, mask):
    """Of the voxels of every output, by name; `None` when this machine lacks the instruction set."""
    environment = {"PATH": "/usr/bin:/bin", "MEDFILTER_ISA": isa, "GLIBC_TUNABLES": mask}
    if batch.medfilter("plan", "job.json", environment=environment).status == 64:
        return None
    ended = batch.run("--force", "--threads", str(threads), "--memory", memory, environment=environment)
    if ended.status:
        return {"status": ended.status, "said": ended.stderr[-200:]}
    records = [json.loads(line) for line in batch.log.splitlines()]
    start = max(index for index, record in enumerate(records) if record["type"] == "run_start")
    outputs = [record["out"] for record in records[start:] if record["type"] == "output"]
    return {output["name"]: output["voxels"]["digest"] for output in outputs}


def differences(expected, found, count):
    others = [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
    if others:
        return [f"other bits: {name}: {found.get(name)}" for name in others]
    return [] if len(found) == count else [f"{len(found)} of {count} volumes: {found}"]


def planned(batch, environment, *words):
    """The bytes of a scan and whether it is filtered some slices at a time; `None` without the instruction set."""
    ended = batch.medfilter("plan", "job.json", "--json", *words, environment=environment)
    if ended.status:
        return None
    only = json.loads(ended.stdout)["scans"][0]
    return only["memory_bytes"], only["slab_slices"] is not None


def in_slabs(folder, full):
    """Trials of a volume that is filtered whole, and some slices at a time where the budget is smaller than its need."""
    batch = Batch(folder, filters=FILTERS[:1])
    shutil.rmtree(batch.path("in"))
    batch.write("in/large.nii.gz", gzipped(scan((96, 96, 120), "int16", seed=7)))
    expected = None
    for isa, threads in itertools.product(("baseline", "avx2", "avx512"), (1, 4, 16) if full else (1, 4)):
        environment = {"PATH": "/usr/bin:/bin", "MEDFILTER_ISA": isa}
        words = ["--threads", str(threads), "--memory"]
        whole = planned(batch, environment, *words, "4GiB")
        for less in (0, 1, 3 << 20) if whole else ():
            memory = str(whole[0] - less)
            found = digests(batch, isa, threads, memory, "")
            expected = expected or found
            problems = differences(expected, found, 1)
            if planned(batch, environment, *words, memory)[1] != (less > 0):
                problems.append("not in slices" if less else "in slices")
            yield f"{isa}, {threads} threads, {memory} bytes", problems
    batch.remove()


def main():
    options = arguments(__doc__)
    slabs = Goal("G14", "one digest of a volume that is filtered whole, and some slices at a time in less memory")
    goal = Goal("G14", "one digest per volume for every instruction set, thread count, memory budget and libc")
    combinations = itertools.product(
        ("baseline", "avx2", "avx512"), (1, 2, 3, 4, 8, 16) if options.full else (1, 4),
        ("512MiB", "1GiB", "8GiB") if options.full else ("512MiB", "4GiB"), MASKS)
    with scratch_folder() as scratch:
        batch = Batch(f"{scratch}/batch", image_format="nii.zst", filters=FILTERS)
        shapes = [(37, 29, 23), (64, 3, 50), (7, 120, 9), (1, 40, 40), (33, 33, 2, 5), (130, 4, 4)]
        for number, shape in enumerate(shapes):
            kind = ("int16", "float32", "uint8")[number % 3]
            batch.write(f"in/v{number}.nii.gz", gzipped(scan(shape, kind, seed=number)))
        expected, lacking = None, set()
        for isa, threads, memory, mask in combinations:
            found = digests(batch, isa, threads, memory, mask)
            if found is None:
                lacking.add(isa)
                continue
            expected = expected or found
            trial = f"{isa}, {threads} threads, {memory}, {mask or 'all of libc'}"
            goal.add(trial, differences(expected, found, len(shapes) + 4))
        goal.note(f"{len(shapes) + 4} volumes each")
        for isa in sorted(lacking):
            goal.note(f"this machine has no {isa}")
        for trial, problems in in_slabs(f"{scratch}/slabs", options.full):
            slabs.add(trial, problems)
    close(goal, slabs)


if __name__ == "__main__":
    main()
