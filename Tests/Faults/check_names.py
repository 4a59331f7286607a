#!/usr/bin/env python3
"""Plants words in file names, header texts, extensions and gzip names, and looks for them everywhere afterwards.

usage: check_names.py                     (MEDFILTER names another program than the release build)
"""

import itertools
import os
import re
import signal

from batch import Batch, execute
from scans import extension, gzipped, scan
from trials import Goal, arguments, close, has, program, scratch_folder

WORD = re.compile(rb"CANARY\d\d")
KEY = b"0123456789abcdef-the-site-key"


def planted(folder, policy):
    """An archive with words in every place that a scanner or a person writes into."""
    batch = Batch(folder, policy=policy)
    number = itertools.count(10)

    def word():
        return f"CANARY{next(number)}".encode()

    def texts():
        return {"descrip": word(), "aux_file": word(), "intent_name": word(), "db_name": word(), "data_type": word()}

    extensions = extension(6, word()) + extension(2, word()) + extension(4, b"<x>" + word() + b"</x>")
    good = scan([6, 5, 4], extensions=extensions, **texts())
    name = lambda: word().decode()
    batch.write(f"in/{name()}/{name()}.nii", good)
    batch.write(f"in/{name()}.nii.gz", gzipped(good, name=word()))
    # Every kind of failure that looks at text, names or extensions.
    batch.write(f"in/{name()}.nii", good[:-1])
    batch.write(f"in/{name()}.nii.gz", gzipped(good, name=word())[:-9])
    batch.write(f"in/{name()}.nii", scan([6, 5, 4], magic=b"CAN\0", **texts()))
    batch.write(f"in/{name()}.nii", scan([6, 5, 4], extensions=extension(6, word())[:8] + bytes(9), **texts()))
    batch.write(f"in/{name()}.nii", b"<nifti_image " + word() + bytes(600))
    batch.write(f"in/{name()}.nii", word())
    batch.write(f"in/{name()}.img", word())
    batch.write(f"in/{name()}/{name()}.nii.gz", b"\x1f\x8b\x08\x08" + bytes(6) + word() + b"\0")
    os.symlink(f"../{name()}", batch.path(f"in/{name()}.nii"))
    os.symlink("../elsewhere", batch.path(f"in/{name()}"))
    os.makedirs(batch.path("elsewhere"))
    os.mkfifo(batch.path(f"in/{name()}.nii"))
    batch.write("site.key", KEY)
    batch.planted = next(number) - 10
    return batch


def heard(batch, command, environment, under=()):
    """All that a command says, and the state of its end."""
    ended = execute([*under, program(), *command], batch.folder, environment=environment)
    return ended.status, (ended.stdout + ended.stderr).encode()


def found_in(name, content):
    words = sorted(set(WORD.findall(content)))
    return [f"{name}: {words}"] if words else []


def judge(folder, names, style):
    batch = planted(folder, {"names": names})
    environment = {"PATH": "/usr/bin:/bin", "MEDFILTER_NAMES_KEY_FILE": batch.path("site.key")}
    hidden = names == "hmac"
    problems, told = [], b""
    for command in (["plan", "job.json"], ["plan", "job.json", "--json"], ["run", "job.json", "--progress", style],
                    ["run", "job.json", "--json", "--log-format", "json", "--progress", style],
                    ["run", "job.json", "--force", "--progress", style], ["verify", "out/provenance.jsonl"],
                    ["verify", "out/provenance.jsonl", "--json"]):
        status, said = heard(batch, command, environment)
        if status not in (0, 3):
            problems.append(f"{command} ends with {status}: {said[-200:]}")
        told += said
        # Names may be told where the job does not hide them; texts never.
        problems += found_in(" ".join(command), said if hidden else without_names(batch, said))
    for name in ("out/provenance.jsonl", "out/provenance.head", "out/summary.json", "out/.medfilter/lock"):
        content = batch.bytes(name)
        problems += found_in(name, content if hidden else without_names(batch, content))
        told += content
        if KEY in content:
            problems.append(f"{name} holds the key")
    # Where names are not hidden, they are heard: what finds no word then would find none at all.
    if not hidden and not WORD.search(told):
        problems.append("not even the names that are not hidden were found")
    batch.remove()
    return problems, batch.planted


def without_names(batch, content):
    names = {part for name in os.listdir(batch.path("in")) for part in [name.encode()]}
    for place, folders, files in os.walk(batch.path("in")):
        names |= {os.fsencode(name) for name in folders + files}
    for name in sorted(names, key=len, reverse=True):
        content = content.replace(name, b"").replace(name.split(b".")[0], b"")
    return content


def core_dump(folder):
    """A program that is made to crash leaves no memory behind, whatever the shell's limit says."""
    batch = planted(folder, {"names": "hmac"})
    environment = {"PATH": "/usr/bin:/bin", "MEDFILTER_NAMES_KEY_FILE": batch.path("site.key")}
    watch = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:signal=SEGV:when=3+"]
    status, said = heard(batch, ["run", "job.json"], environment,
                         under=["/bin/sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh", *watch])
    problems = [] if status == -signal.SIGSEGV else [f"did not crash: {status}"]
    problems += [f"left {name}" for name in os.listdir(batch.folder) if name.startswith("core")]
    # Registers point at what the program works with.
    problems += ["the program's memory was told"] if b"Registers:" in said else []
    problems += found_in("what the crash says", said)
    batch.remove()
    return problems


def main():
    options = arguments(__doc__)
    goal = Goal("G13", "planted words that reach no log, message, progress, summary, head or core dump")
    with scratch_folder() as scratch:
        folders = (f"{scratch}/{number}" for number in itertools.count())
        for names, style in itertools.product(("hmac", "relative"), ("bar", "plain", "json", "none")):
            problems, count = judge(next(folders), names, style)
            goal.add(f"{names} {style}", problems)
        goal.note(f"{count} words planted, 7 commands each")
        if has("strace"):
            goal.add("core dump", core_dump(next(folders)))
    close(goal)


if __name__ == "__main__":
    main()
