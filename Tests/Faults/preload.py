"""Libraries that are loaded before the program's own: Tests/Faults/*.c."""

import subprocess

from trials import ROOT, has


def compiled(name, folder):
    """The library of `name`.c, made in a folder, or `None` without a compiler."""
    compiler = next((one for one in ("cc", "clang") if has(one)), None)
    if compiler is None:
        return None
    library = f"{folder}/{name}.so"
    source = str(ROOT / "Tests" / "Faults" / f"{name}.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library
