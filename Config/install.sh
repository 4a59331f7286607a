#!/usr/bin/env bash
# Installs the build dependencies of medfilter on Debian 12, and the packages named as arguments, which tests need.
# Prints what it installs, and installs only what is missing.
set -euo pipefail

# The headers and libraries that the C targets link, and python3-venv for the checks against numpy and scipy.
packages=(libnifti-dev libisal-dev libzstd-dev zlib1g-dev libssl-dev python3-venv "$@")

if ! command -v swift >/dev/null; then
  echo "install: Swift 6.2 or newer is missing: https://www.swift.org/install/linux/" >&2
  exit 1
fi
if ! command -v dpkg-query >/dev/null; then
  echo "install: this is not Debian; install the equivalents of: ${packages[*]}" >&2
  exit 1
fi

is_installed() { [ "$(dpkg-query -W -f '${Status}' "$1" 2>/dev/null)" = "install ok installed" ]; }
missing=()
for package in "${packages[@]}"; do is_installed "$package" || missing+=("$package"); done
if [ ${#missing[@]} -eq 0 ]; then
  echo "install: everything is there already (${packages[*]})"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install: as root: apt-get install ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "install: installing ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
