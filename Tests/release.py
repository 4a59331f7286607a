"""Where the scripts below find the program, and where they work."""

import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]


def program():
    """The release build, or what MEDFILTER names."""
    found = os.environ.get("MEDFILTER", str(ROOT / ".build" / "release" / "medfilter"))
    if not os.access(found, os.X_OK):
        sys.exit(f"{found} is not there; build it with `swift build -c release`")
    return found


def scratch_folder():
    """A temporary folder, in memory where Linux has /dev/shm."""
    return tempfile.TemporaryDirectory(prefix="medfilter-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
