#!/usr/bin/env bash
# Prints the path of a Python that has the pinned packages of a requirements file, and creates it first if needed.
#
# usage: Config/peers.sh [REQUIREMENTS]        default Config/requirements.txt
# The environment is .peers in the project's folder, or the folder that MEDFILTER_PEERS names, which is used as it is.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
requirements=${1:-$root/Config/requirements.txt}

if [ -n "${MEDFILTER_PEERS:-}" ]; then
  echo "$MEDFILTER_PEERS/bin/python"
  exit 0
fi
peers=$root/.peers
installed=$peers/installed-$(cat "$root/Config/requirements.txt" "$requirements" | sha256sum | cut -c1-16)
if [ ! -e "$installed" ]; then
  echo "peers: installing the packages of ${requirements#"$root"/} into .peers" >&2
  [ -x "$peers/bin/python" ] || python3 -m venv "$peers" >&2
  "$peers/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2
  touch "$installed"
fi
echo "$peers/bin/python"
