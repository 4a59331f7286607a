#!/usr/bin/env python3
"""Looks whether `run --syslog` tells every head to the system's log, and only then, whatever that log's state.

strace answers in place of the system's log: it shows what is sent, and nothing reaches a log that is really there.
usage: check_syslog.py                    (MEDFILTER names another program than the release build)
"""

import itertools
import os
import pathlib
import re

from batch import Batch, Reference, problems_after, problems_now
from scans import scan
from trials import Goal, arguments, close, has, scratch_folder

CONNECT = re.compile(r'^\d+\s+connect\(\d+, \{sa_family=AF_UNIX, sun_path="([^"]*)"\}')
SEND = re.compile(r'^\d+\s+send(?:to|msg)\(\d+, "((?:[^"\\]|\\.)*)", (\d+),')
# Facility daemon (3), severity notice (5), the tag, the process.
MESSAGE = re.compile(r"<29>\w{3} [ \d]\d \d\d:\d\d:\d\d medfilter\[\d+\]: (head medfilter/\S+ size=\d+ root=\S+)")
# A log that takes everything; the numbers are the answers of the calls.
LISTENING = ("connect:retval=0", "sendto:retval=1000")


def listened(batch, *words, answers=LISTENING):
    """A run whose calls to the system's log get these answers; what was connected to, and what was sent."""
    inject = [word for answer in answers for word in ("-e", f"inject={answer}")]
    # The strings whole, or an edge of a head would be missing.
    watch = ["strace", "-f", "-qq", "-s", "4096", "-o", batch.path("calls"), "-e", "trace=connect,sendto,sendmsg"]
    ended = batch.run(*words, under=[*watch, *inject])
    calls = pathlib.Path(batch.path("calls")).read_text().splitlines()
    os.unlink(batch.path("calls"))
    return ended, [match[1] for match in map(CONNECT.match, calls) if match], [
        (match[1], int(match[2])) for match in map(SEND.match, calls) if match]


def heads_told(sent):
    """The heads of well-formed messages, and what is wrong with the others."""
    heads, problems = [], []
    for text, length in sent:
        message = MESSAGE.fullmatch(text)
        if message is None or length != len(text):
            problems.append(f"told {length} bytes: {text!r}")
        else:
            heads.append(message[1])
    return heads, problems


def heads_kept(folder):
    """The heads in a folder of anchors, as lines."""
    notes = [path.read_text().splitlines() for path in pathlib.Path(folder).glob("*.head")]
    return [f"head {origin} size={size} root={root}" for origin, size, root, *_ in notes]


def every_head(folder, reference):
    """Told are the heads that an anchor folder gets; they show an older log that is put back."""
    batch = Batch(folder)
    os.mkdir(batch.path("anchors"))
    words = ["--syslog", "--anchor", "anchors"]
    first, places, sent = listened(batch, *words)
    problems = problems_now(batch, reference, first, {0})
    old = {name: batch.bytes(f"out/{name}") for name in ("provenance.jsonl", "provenance.head")}
    batch.write("in/new.nii", scan([4, 4, 4]))
    second, more_places, more = listened(batch, *words)
    told, odd = heads_told(sent + more)
    problems += odd + ([] if second.status == 0 else [f"the second run ends with {second.status}: {second.stderr}"])
    kept = heads_kept(batch.path("anchors"))
    if sorted(set(told)) != sorted(kept) or len(kept) < 3:
        problems.append(f"told {told}, kept {kept}")
    if set(places + more_places) != {"/dev/log"}:
        problems.append(f"told to {places + more_places}")
    batch.write("journal", "".join(f"{line}\n" for line in told).encode())
    problems += judged(batch, 0, "with all heads told")
    for name, content in old.items():
        batch.write(f"out/{name}", content)
    os.unlink(batch.path("out/new.nii.zst"))
    problems += judged(batch, 65, "put back")
    batch.remove()
    return problems


def judged(batch, status, state):
    verified = batch.medfilter("verify", "out/provenance.jsonl", "--anchor", "journal")
    if verified.status == status and (status == 0 or "truncated" in verified.stderr):
        return []
    return [f"the log, {state}: verify ends with {verified.status}: {verified.stdout}{verified.stderr}"]


def unasked(folder, reference):
    """Without the option nothing is told."""
    batch = Batch(folder)
    ended, places, sent = listened(batch)
    problems = problems_now(batch, reference, ended, {0})
    problems += [f"told {sent} to {places}"] if places or sent else []
    batch.remove()
    return problems


def deaf(*answers):
    """A system's log that is not there, full or gone holds nothing up."""

    def trial(folder, reference):
        batch = Batch(folder)
        ended, places, _ = listened(batch, "--syslog", answers=answers)
        problems = problems_now(batch, reference, ended, {0}) + ([] if places else ["nothing was tried"])
        problems += problems_after(batch, reference, tries=1)
        batch.remove()
        return problems

    return trial


TRIALS = [
    ("every head is told", every_head),
    ("nothing is told unasked", unasked),
    *[(f"connect fails with {error}", deaf(f"connect:error={error}"))
      for error in ("ENOENT", "ECONNREFUSED", "EACCES")],
    *[(f"send fails with {error}", deaf("connect:retval=0", f"sendto:error={error}"))
      for error in ("EPIPE", "ENOBUFS", "ECONNRESET")],
]


def main():
    options = arguments(__doc__)
    goal = Goal("G12", "--syslog: every head is told and shows an older log that is put back; a deaf log does no harm")
    if not has("strace"):
        goal.add("strace", ["strace is not installed: Config/install.sh strace"])
        close(goal)
    with scratch_folder() as scratch:
        reference = Reference(f"{scratch}/reference")
        folders = (f"{scratch}/{number}" for number in itertools.count())
        goal.run([(name, lambda trial=trial, folder=next(folders): trial(folder, reference)) for name, trial in TRIALS],
                 options.jobs)
    close(goal)


if __name__ == "__main__":
    main()
