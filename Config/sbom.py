#!/usr/bin/env python3
"""Prints what medfilter is made of as a CycloneDX document: packages of Package.resolved, and Debian's libraries.

usage: sbom.py [PROGRAM]        default .build/release/medfilter, whose libraries are asked for with ldd
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
LICENCES = {"libnifti2-2": "LicenseRef-public-domain", "libisal2": "BSD-3-Clause", "libzstd1": "BSD-3-Clause",
            "zlib1g": "Zlib", "libssl3": "Apache-2.0", "libc6": "LGPL-2.1-or-later", "libstdc++6": "GPL-3.0-with-GCC-exception",
            "libgcc-s1": "GPL-3.0-with-GCC-exception", "swift": "Apache-2.0", "swift-argument-parser": "Apache-2.0"}


def said(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout


def component(name, version, purl):
    found = {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}
    return found | ({"licenses": [{"license": licence(LICENCES[name])}]} if name in LICENCES else {})


def licence(name):
    return {"name": name} if name.startswith("LicenseRef") or "with" in name else {"id": name}


def swift_packages():
    for pin in json.loads((ROOT / "Package.resolved").read_text())["pins"]:
        place = pin["location"].removeprefix("https://").removesuffix(".git")
        yield component(pin["identity"], pin["state"]["version"], f"pkg:swift/{place}@{pin['state']['version']}")
    version = re.search(r"Swift version (\S+)", said("swift", "--version"))
    if version:
        yield component("swift", version[1], f"pkg:generic/swift@{version[1]}")


def debian_packages(program):
    """Those that own the libraries which the program loads."""
    loaded = re.findall(r"=> (/\S+)", said("ldd", str(program)))
    owners = set()
    for path in loaded:
        # Debian's folders moved below /usr; packages may still own the old names.
        for name in (path, path.removeprefix("/usr"), str(pathlib.Path(path).resolve())):
            owners.update(line.split(":")[0] for line in said("dpkg-query", "-S", name).splitlines() if ": /" in line)
    for owner in sorted(owners):
        version = said("dpkg-query", "-W", "-f", "${Version}\n", owner).splitlines()[0]
        yield component(owner, version, f"pkg:deb/debian/{owner}@{version}")


def main():
    program = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".build" / "release" / "medfilter"
    if not program.exists():
        sys.exit(f"sbom: {program.name} is not built; build it with `swift build -c release`")
    version = said(str(program), "--version").split()[1]
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "application", "name": "medfilter", "version": version, "bom-ref": "medfilter"}},
        "components": [*swift_packages(), *debian_packages(program)],
    }
    document["dependencies"] = [{"ref": "medfilter", "dependsOn": [one["bom-ref"] for one in document["components"]]}]
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
