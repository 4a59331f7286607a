#!/usr/bin/env python3
"""Runs all Swift tests under a sanitizer and counts what it reports, in the tests and in the program that they start.

Builds the package into .build/<sanitizer>. Reports go into files, one per process, so that no test can swallow one.
Swift code has no undefined behaviour to look for, it traps; `undefined` is for the C targets.
usage: sanitize.py address|thread|undefined [WORDS of `swift test`...]
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import typing
import xml.etree.ElementTree

from trials import ROOT, Goal, close

OURS = pathlib.Path(__file__).resolve().parent / "sanitizers"


# Frames and buffers from the heap, where they are mapped otherwise: of mappings a sanitizer knows neither the edges nor the
# end. The address sanitizer then tells who reads past a block's edge or after its end, without the two having to meet; the
# thread sanitizer forgets large blocks once they are freed, and tells less.
WATCHED = ["-Xswiftc", "-DWATCHED_MEMORY"]


class Sanitizer(typing.NamedTuple):
    flags: list  # what the package is built with
    variable: str  # where it reads its options
    report: str  # how a report begins
    symbols: str  # how the functions begin that instrumented code calls


def around_mutexes():
    """Words for the linker that put mutex.c around the slow ways of Swift's Mutex."""
    source = OURS / "mutex.c"
    names = re.findall(r'"(\$s\w+)"', source.read_text())
    words = [object_of(source), *(f"--wrap={name}" for name in names)]
    return [part for word in words for part in ("-Xlinker", str(word))]


def object_of(source):
    return ROOT / ".build" / "thread" / f"{source.stem}.o"


SANITIZERS = {
    "address": Sanitizer(["--sanitize=address", *WATCHED], "ASAN_OPTIONS", r"ERROR: \w+Sanitizer", "__asan_"),
    "thread": Sanitizer(["--sanitize=thread", *WATCHED, *around_mutexes()], "TSAN_OPTIONS",
                        r"(?:WARNING|ERROR|FATAL): ThreadSanitizer|ThreadSanitizer: CHECK failed", "__tsan_"),
    # The Swift compiler refuses this one on Linux, but links through clang, which does not.
    "undefined": Sanitizer(
        ["-Xcc", "-fsanitize=undefined", "-Xswiftc", "-Xclang-linker", "-Xswiftc", "-fsanitize=undefined"],
        "UBSAN_OPTIONS", r"runtime error:|ERROR: \w+Sanitizer", "__ubsan_handle_"),
}
# Tests end the program by signals and look at what it leaves: no sanitizer may catch those or forbid core dumps.
SIGNALS = {"handle_segv": 0, "handle_sigbus": 0, "handle_sigill": 0, "disable_coredump": 0}


def environment(sanitizer, folder):
    """Ours with the sanitizer's options. The symbolizer is the toolchain's: others may not read what it compiles."""
    symbolizer = pathlib.Path(shutil.which("swift")).resolve().parent / "llvm-symbolizer"
    options = {"log_path": f"{folder}/report", "external_symbolizer_path": symbolizer, "print_stacktrace": 1, **SIGNALS}
    # Else each process sleeps for a second before it ends, which tests of two at a time do not expect.
    options["atexit_sleep_ms"] = 0
    # What a header claims and no machine has is asked for, and refused.
    options["allocator_may_return_null"] = 1
    leaks = {"suppressions": OURS / "leaks.txt", "print_suppressions": 0}
    said = {SANITIZERS[sanitizer].variable: options, "LSAN_OPTIONS": leaks}
    return {**os.environ, **{variable: ":".join(f"{name}={value}" for name, value in options.items())
                             for variable, options in said.items()}}


def swift(verb, sanitizer, *words, **how):
    place = ["-c", "release", "-j", "2", "--scratch-path", f".build/{sanitizer}", *SANITIZERS[sanitizer].flags]
    return subprocess.run(["swift", verb, *place, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", **how)


def build(sanitizer):
    if sanitizer == "thread":
        made = object_of(OURS / "mutex.c")
        made.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["clang", "-O2", "-Wall", "-Werror", "-c", OURS / "mutex.c", "-o", made], check=True)
    built = swift("build", sanitizer, "--build-tests")
    if built.returncode:
        sys.exit(f"the build fails:\n{built.stdout[-3000:]}")


def untouched(sanitizer):
    """C targets of which no object calls the sanitizer: that there are no reports of those would mean nothing."""
    for folder in sorted(place.parent for place in (ROOT / "Sources").glob("C*/include")):
        objects = (ROOT / ".build" / sanitizer / "release" / f"{folder.name}.build").rglob("*.o")
        called = subprocess.run(["nm", "-u", *objects], stdout=subprocess.PIPE, text=True).stdout
        if SANITIZERS[sanitizer].symbols not in called:
            yield folder.name


def reports(folder, sanitizer):
    """The text of each report."""
    for file in sorted(pathlib.Path(folder).iterdir()):
        text = file.read_text(errors="replace")
        starts = [found.start() for found in re.finditer(SANITIZERS[sanitizer].report, text)]
        yield from (text[start:stop] for start, stop in zip(starts, starts[1:] + [len(text)]))


def count_tests(sanitizer, words, goal):
    """Runs the tests and counts them.

    Returns the reports. A run that died half way leaves no file of results, or a part of one: a failure of its own.
    """
    results = ROOT / ".build" / sanitizer / "tests-swift-testing.xml"
    results.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="medfilter-") as folder:
        ran = swift("test", sanitizer, "--skip-build", "--xunit-output", str(results.with_name("tests.xml")), *words,
                    env=environment(sanitizer, folder))
        found = list(reports(folder, sanitizer))
    try:
        cases = xml.etree.ElementTree.parse(results).findall(".//testcase")
    except (OSError, xml.etree.ElementTree.ParseError):
        goal.add("the run to its end", [f"status {ran.returncode}", ran.stdout[-3000:]])
        return found
    skipped = [case for case in cases if case.find("skipped") is not None]
    for case in cases:
        if case not in skipped:
            goal.add(case.get("name"), [failure.get("message") for failure in case.findall("failure")])
    goal.note(f"{len(skipped)} skipped")
    return found


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in SANITIZERS:
        sys.exit(__doc__)
    sanitizer = sys.argv[1]
    build(sanitizer)
    goal = Goal("G16", f"all tests, {sanitizer} sanitizer")
    found = count_tests(sanitizer, sys.argv[2:], goal)
    goal.note(f"{len(found)} reports")
    for report in found:
        goal.add("no report", [report[:3000]])
    for target in untouched(sanitizer):
        goal.add("the sanitizer in C code", [f"nothing in {target} calls it"])
    close(goal)


if __name__ == "__main__":
    main()
