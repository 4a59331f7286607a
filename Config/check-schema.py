"""Checks job.schema.json against the jobs that the decoder's tests read: good ones pass, bad ones do not.

Exits with 1 when the schema accepts a bad job that it could refuse, or refuses a good one. What only the decoder can
see is listed below with the reason; an entry that the schema does refuse is an error too, so that the list stays true.
"""

import json
import pathlib
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORPUS = ROOT / "Tests/JobsTests/Corpus"

DECODER_ONLY = {
    "duplicate-key": "most JSON readers keep the last of two keys",
    "duplicate-key-escaped": "the same",
    "lone-surrogate": "Python's reader lets it pass",
    "output-is-input": "a schema cannot compare two values",
    "output-holds-input": "the same",
    "output-holds-input-from-above": "the same",
    "output-root-is-the-disk": "the same",
    "clamp-turned-round": "the same",
    "threshold-turned-round": "the same",
    "gaussian-radius-beyond-limit": "the radius is sigma times truncate",
    "gaussian-order-along-unfiltered-axis": "the place in one array says what another may hold",
    "gaussian-order-beside-axes": "the same",
    "gaussian-axes-without-width": "the same",
    "gaussian-spline-derivative": "the place in one array says what another key may hold",
    "gaussian-derivative-renormalised": "whether weights are below 0 takes computing them",
    "gaussian-derivative-in-mask": "the same",
    "ignore-with-derivative": "the same",
    "kernel-negative-renormalised": "the same",
    "kernel-negative-in-mask": "the same",
    "kernel-of-zeros-renormalised": "the same",
    "kernel-of-zeros-divided": "a sum takes computing",
    "kernel-sum-0": "the same",
    "kernel-sum-of-noise": "the same",
    "kernel-weights-too-large": "the same",
    "kernel-not-separable": "rank takes computing",
    "kernel-without-mode": "symmetry takes comparing",
    "kernel-file-without-mode": "the schema does not open files",
    "kernel-file-missing": "the same",
    "kernel-file-broken": "the same",
    "kernel-file-wrong": "the same",
    "kernel-weights-ragged": "a schema cannot compare the lengths of arrays",
    "kernel-rows-shorter-than-the-first": "the same",
    "kernel-origin-outside": "the range depends on the weights",
    "kernel-origin-beside-its-axes": "the same",
    "kernel-axes-of-another-number": "the number depends on the weights",
    "root-too-long": "the limit is in bytes, a schema counts characters",
    "output-name-of-300-bytes": "the same",
    "output-name-with-extension": "a matter of advice, not of form",
    "pattern-with-glued-stars": "patterns are taken apart by the decoder",
    "pattern-with-open-bracket": "the same",
    "kernel-weights-beyond-double": "Python reads 1e999 as infinity, which is a number to it",
}


def refuse_constant(word):
    raise ValueError(f"{word} is not JSON")


def check(path, validator):
    """None when the schema accepts the job, otherwise its first objection."""
    try:
        job = json.loads(path.read_text("utf-8"), parse_constant=refuse_constant)
    except ValueError as error:
        return str(error)
    errors = sorted(validator.iter_errors(job), key=lambda error: list(map(str, error.path)))
    return errors[0].message if errors else None


def main():
    schema = json.loads((ROOT / "Config/job.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    problems = []
    good = sorted(CORPUS.glob("good/*.json"))
    bad = sorted(CORPUS.glob("bad/*.json"))
    for path in good:
        objection = check(path, validator)
        if objection:
            problems.append(f"{path.name}: good, but refused: {objection}")
    for path in bad:
        refused = check(path, validator) is not None
        if not refused and path.stem not in DECODER_ONLY:
            problems.append(f"{path.name}: bad, but accepted")
        if refused and path.stem in DECODER_ONLY:
            problems.append(f"{path.name}: refused, but listed as something only the decoder can see")
    for name in sorted(set(DECODER_ONLY) - {path.stem for path in bad}):
        problems.append(f"{name}: listed, but not in the corpus")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"schema: {len(good)} good and {len(bad)} bad jobs, {len(problems)} problems")
    return 1 if problems or not good or not bad else 0


sys.exit(main())
