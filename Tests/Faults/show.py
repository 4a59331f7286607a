#!/usr/bin/env python3
"""Shows the goals G1 to G21 in one table: what was tried, how much of it held, and the command that tried it.

usage: show.py [--sample] [--jobs N] [GOAL...]      everything takes about an hour; a sample some minutes
The table goes into Tests/Faults/results/<date>.md, with --sample to standard output alone; with goals, their rows in the
table of the day are made anew. Needs Config/install.sh strace; check_real_files.py the Python of Config/peers.sh, and packages that it fetches; the others the standard library.
"""

import datetime
import os
import pathlib
import platform
import re
import subprocess
import sys
import time

from trials import ROOT

# Goals, the command that shows them (`{full}` is --full or nothing, `{sweep}` a variable that widens tests), and what its count means when it is a test run.
CHECKS = [
    (["G1", "G3"], "python3 Tests/Faults/check_bad_files.py {full}", None),
    (["G2", "G3"], "python3 Tests/Faults/check_real_files.py {full}", None),
    (["G1"], "swift test -c release --filter CatalogueTests", "the catalogue of headers, row by row, three laws each"),
    (["G4"], "python3 Tests/Faults/check_damage.py {full}", None),
    (["G5"], "python3 Tests/Faults/check_hostile_jobs.py", None),
    (["G5"], "swift test -c release --filter JobsTests", "jobs of the corpus, each with its sentence"),
    (["G6", "G7", "G10"], "python3 Tests/Faults/check_kills.py {full}", None),
    (["G8", "G10"], "python3 Tests/Faults/check_disk_errors.py {full}", None),
    (["G9"], "swift test -c release --filter CrashSweepTests", "loss of power at every call, in 24 ways, on a disk in memory"),
    (["G10"], "python3 Tests/Faults/check_surroundings.py {full}", None),
    (["G10"], "python3 Tests/Faults/check_stops.py", None),
    (["G11"], "python3 Tests/Faults/check_together.py {full}", None),
    (["G12"], "{sweep} swift test -c release --filter 'TamperTests|SigningTests|AnchorTests|RotationTests|VerifierTests|RecoveryTests'", "tampering with logs, heads and files"),
    (["G12"], "python3 Tests/Faults/check_syslog.py", None),
    (["G13"], "python3 Tests/Faults/check_names.py", None),
    (["G14"], "python3 Tests/Faults/check_same_bits.py {full}", None),
    (["G14"], "swift test -c release --filter SameB", "bits by threads, tiles and instruction sets, in the engine"),
    (["G15"], "python3 Tests/Faults/check_fuzz.py {full}", None),
    (["G17", "G18"], "python3 Tests/Faults/check_load.py {full}", None),
    (["G20"], "swift test -c release --filter 'SentenceTests|CatalogueTests|DamageTests|RefusalTests|ConsoleTests'",
     "sentences of errors, with place, expected and found"),
]
# Not in a sample: a measurement, and builds of the whole package, each into a folder of its own.
BUILDS = [
    (["G19"], "python3 Tests/Faults/measure_cost.py", None),
    (["G16"], "python3 Tests/Faults/sanitize.py address", None),
    (["G16"], "python3 Tests/Faults/sanitize.py thread", None),
    (["G16"], "python3 Tests/Faults/sanitize.py undefined", None),
    (["G21"], "python3 Tests/Faults/measure_coverage.py", None),
]
PARTLY = [("G2", "the collections of bids-validator and nifti-rs are in no package that pip has; other packages' files are "
                 "tried, and G1 has a row for each kind that is known from them")]


def figures(output, status, goals, meaning):
    """Rows of the table out of what a command said."""
    rows = [line.split("\t")[1:] for line in output.splitlines() if line.startswith("figure\t")]
    if rows:
        return rows
    counted = re.search(r"Test run with (\d+) tests? in \d+ suites? (passed|failed)(?:.* with (\d+) issues?)?", output)
    if not counted:
        return [[goals[0], meaning or "the command", f"did not finish: status {status}"]]
    failed = f"; {counted[3]} issues" if counted[2] == "failed" else ""
    return [[goals[0], meaning, f"{counted[1]} tests {counted[2]}{failed}"]]


def run(command):
    started = time.monotonic()
    ended = subprocess.run(command, shell=True, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           errors="replace")
    return ended.stdout, ended.returncode, time.monotonic() - started


def shown(checks, full, jobs):
    """Runs the checks; yields a row each, and tells of what failed."""
    for goals, form, meaning in checks:
        command = " ".join(form.format(full="--full" if full else "", sweep="MEDFILTER_FULL=1" if full else "").split())
        print(f"{command} ...", file=sys.stderr, flush=True)
        takes_jobs = "check_" in command and jobs
        output, status, seconds = run(f"{command} --jobs {jobs}" if takes_jobs else command)
        if status:
            print(output[-4000:], file=sys.stderr)
        for goal, what, figure in figures(output, status, goals, meaning):
            # A filter that fits no test and a check that skips everything end well.
            nothing = re.match(r"0(/0| tests)", figure)
            yield goal, what, figure, seconds, command, status or bool(nothing)


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def made_by():
    commit = run("git rev-parse --short HEAD")[0].strip()
    words = "".join(f" {word}" for word in sys.argv[1:])
    return f"Commit {commit}, {processor()}, {os.cpu_count()} processors, {platform.platform()}: `Tests/Faults/show.py{words}`"


def row_line(row):
    goal, what, figure, seconds, command, status = row
    mark = " **FAILED**" if status else ""
    return f"| {goal} | {what} | {figure}{mark} | {seconds:.0f} | `{command.replace('|', chr(92) + '|')}` |"


def number(line):
    return int(re.match(r"\| G(\d+)", line)[1])


def table(makers, lines, full):
    yield f"# What was shown on {datetime.date.today()}" + ("" if full else ", a sample")
    yield ""
    yield from (f"- {maker}" for maker in makers)
    yield ""
    yield "Seconds are those of the whole command."
    yield ""
    yield "| goal | what was tried | held | seconds | command |"
    yield "|---|---|---:|---:|---|"
    yield from sorted(lines, key=number)
    yield ""
    yield from (f"{goal} is shown in part: {why}." for goal, why in PARTLY)


def earlier(place, commands):
    """Who made a table, and its rows but those of some commands."""
    lines = place.read_text().splitlines() if place.exists() else []
    kept = [line for line in lines if line.startswith("| G") and not any(f"`{command}`" in line for command in commands)]
    return [line[2:] for line in lines if line.startswith("- ")], kept


def main():
    words = sys.argv[1:]
    full = "--sample" not in words
    jobs = words[words.index("--jobs") + 1] if "--jobs" in words else None
    wanted = {word for word in words if re.fullmatch(r"G\d+", word)}
    checks = [check for check in CHECKS + (BUILDS if full else []) if not wanted or wanted & set(check[0])]
    rows = list(shown(checks, full, jobs))
    place = ROOT / "Tests" / "Faults" / "results" / f"{datetime.date.today()}.md"
    makers, lines = earlier(place, {row[4].replace("|", "\\|") for row in rows}) if full and wanted else ([], [])
    text = "\n".join(table(makers + [made_by()], lines + [row_line(row) for row in rows], full)) + "\n"
    print(text)
    if full:
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    sys.exit(1 if any(row[5] for row in rows) else 0)


if __name__ == "__main__":
    main()
