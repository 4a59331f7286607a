"""Validates what the commands write for programs against its schema: every document, of successes and of failures.

A key that a schema does not name is an error here, so that no key goes undescribed.
(MEDFILTER names another program than the release build.)
"""

import json
import os
import pathlib
import subprocess
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "Tests"), str(ROOT / "Tests/Faults")]
from release import program, scratch_folder  # noqa: E402
from scans import scan  # noqa: E402

SCHEMAS = {path.name.split(".")[0]: json.loads(path.read_text()) for path in (ROOT / "Config").glob("*.schema.json")}
JOB = {
    "medfilter": 1, "name": "documents", "input": {"root": "in", "exclude": ["none/**"]},
    "filters": [{"filter": "gaussian", "fwhm_mm": 3}, {"filter": "clamp", "lower": 0, "upper": 50}],
    "output": {"root": "out"},
}
RUN, LOG = ["run", "job.json"], "out/provenance.jsonl"


class Tally:
    passed = failed = 0

    def add(self, name, problems):
        self.passed, self.failed = self.passed + (not problems), self.failed + bool(problems)
        for problem in problems:
            print(f"FAILED {name}: {problem}")


def named(schema):
    """Keys that an object's schema names, in all of its branches."""
    names = set(schema.get("properties", {}))
    for branch in [*schema.get("allOf", []), *(schema[key] for key in ("then", "else") if key in schema)]:
        names |= named(branch)
    return names


def problems(kind, document):
    schema = SCHEMAS[kind]
    validator = jsonschema.Draft202012Validator(schema)
    found = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)]
    if kind != "log":
        for one, its in [(document, schema)] if isinstance(document, dict) else [(one, schema["items"]) for one in document]:
            found += [f"the schema does not name {key}" for key in one if key not in named(its)]
    return found


def check(tally, name, kind, texts, least=1):
    documents = [json.loads(text) for text in texts]
    if len(documents) < least:
        tally.add(name, [f"{len(documents)} documents, expected {least} or more"])
    for document in documents:
        tally.add(name, problems(kind, document))


class Place:
    def __init__(self, folder):
        self.folder = folder
        os.mkdir(f"{folder}/in")
        for name in ("a", "b"):
            self.write(f"in/{name}.nii", scan((6, 5, 4)))
        self.write("in/broken.nii", scan((6, 5, 4))[:-7])
        self.write("job.json", json.dumps(JOB).encode())
        self.write("none.json", json.dumps({**JOB, "input": {"root": "in", "include": ["x/*.nii"]}}).encode())
        self.write("wrong.json", json.dumps({**JOB, "filters": [{"filter": "gaussian", "fhwm_mm": 3}]}).encode())
        self.write("weights.json", b'{"weights": [1, 2, 1]}')

    def write(self, name, content):
        pathlib.Path(self.folder, name).write_bytes(content)

    def run(self, *command):
        ended = subprocess.run([program(), *command], cwd=self.folder, capture_output=True, text=True)
        return ended.returncode, ended.stdout, ended.stderr


def main():
    tally = Tally()
    for kind, schema in SCHEMAS.items():
        jsonschema.Draft202012Validator.check_schema(schema)
    with scratch_folder() as folder:
        place = Place(folder)
        results(tally, place)
        refusals(tally, place)
    print(f"{tally.passed} passed, {tally.failed} failed")
    sys.exit(1 if tally.failed else 0)


def results(tally, place):
    expected = [
        ("plan", ["plan", "job.json"], 3), ("summary", [*RUN, "--timings"], 3), ("summary", RUN, 3),
        ("plan", ["plan", "job.json"], 3), ("verify", ["verify", LOG], 0),
        ("replay", ["replay", LOG, "--inputs", "in"], 0), ("inspect", ["inspect", "in/a.nii", "in/broken.nii"], 65),
        ("kernel", ["kernel", "weights.json"], 0),
        ("kernel", ["kernel", "--gaussian", "fwhm_mm=4", "--spacing", "1,1,2"], 0),
        ("retire", ["retire", LOG, "b.nii", "--reason", "withdrawn"], 0), ("verify", ["verify", LOG], 0),
    ]
    for kind, command, status in expected:
        found, stdout, stderr = place.run(*command, "--json")
        tally.add(" ".join(command), [] if found == status else [f"status {found}: {stderr}"])
        check(tally, " ".join(command), kind, [stdout])
    check(tally, "summary.json", "summary", [pathlib.Path(place.folder, "out/summary.json").read_text()])
    _, _, stderr = place.run(*RUN, "--force", "--progress", "json", "--log-format", "json")
    lines = stderr.splitlines()
    check(tally, "--progress json", "event", [line for line in lines if '"event"' in line], least=10)
    check(tally, "--log-format json", "message", [line for line in lines if '"event"' not in line], least=3)
    check(tally, "the log", "log", pathlib.Path(place.folder, LOG).read_text().splitlines(), least=10)
    pathlib.Path(place.folder, "in/a.nii").rename(pathlib.Path(place.folder, "gone.nii"))
    found, stdout, _ = place.run("replay", LOG, "--inputs", "in", "--json")
    tally.add("replay of a lost scan", [] if found == 65 else [f"status {found}"])
    check(tally, "replay of a lost scan", "replay", [stdout])


def refusals(tally, place):
    """Whatever prevents a command, one document says so, with the exit status."""
    pathlib.Path(place.folder, "torn").mkdir()
    place.write("torn/provenance.jsonl", b"{}\n")
    expected = [
        (["run", "wrong.json"], 64), (["plan", "wrong.json"], 64), (["run", "none.json"], 66), (["plan", "none.json"], 66),
        (["plan", "missing.json"], 64), (["run"], 64), (["plan", "job.json", "--threads", "many"], 64), (["plam"], 64),
        (["kernel", "missing.json"], 66), (["kernel", "--gaussian", "sigma=2"], 64), (["kernel"], 64),
        (["verify", "missing/provenance.jsonl"], 66), (["replay", "missing/provenance.jsonl"], 66),
        (["replay", "torn/provenance.jsonl", "--inputs", "in"], 65), (["retire", LOG, "unknown.nii", "--reason", "x"], 66),
        (["verify", LOG, "--key", "job.json"], 66),
    ]
    for command, status in expected:
        found, stdout, stderr = place.run(*command, "--json")
        name = " ".join(command)
        tally.add(name, [] if found == status else [f"status {found}, expected {status}: {stderr}"])
        try:
            document = json.loads(stdout)
        except ValueError:
            tally.add(name, [f"no document: {stdout[:200]!r}"])
            continue
        tally.add(name, problems("error", document) + ([] if document["status"] == found else ["another status"]))


main()
