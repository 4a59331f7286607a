"""The head of a table of results, and the file it is kept in: which machine, how busy, and when."""

import datetime
import os
import pathlib
import re
import shutil

RESULTS = pathlib.Path(__file__).resolve().parent / "results"


def machine():
    """A line that begins the heading of every table."""
    load = " ".join(f"{average:.2f}" for average in os.getloadavg())
    return f"{datetime.date.today()}, {cpu()}, {len(os.sched_getaffinity(0))} CPUs, load average before {load}"


def cpu():
    names = re.findall(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return names[0].strip() if names else os.uname().machine


def pigz():
    """niimath compresses on all threads only with the help of pigz."""
    return "with pigz" if shutil.which("pigz") else "without pigz, which is not installed"


def keep(text, kind=""):
    """Writes results/<date>-<cpu>[-kind].md."""
    place = re.sub("[^a-z0-9]+", "-", cpu().lower()).strip("-")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / ("-".join(filter(None, [str(datetime.date.today()), place, kind])) + ".md")).write_text(text)
