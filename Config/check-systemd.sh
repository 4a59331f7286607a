#!/usr/bin/env bash
# systemd accepts the units without warnings and rates the services as well protected.
set -uo pipefail
cd "$(dirname "$0")/systemd"
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is missing: Config/install.sh systemd" >&2; exit 1; }
passed=0 failed=0
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

judge() { # NAME, 0 OR WHAT IS WRONG, OUTPUT
  if [ "$2" -eq 0 ]; then passed=$((passed + 1)); return; fi
  failed=$((failed + 1))
  printf 'FAILED %s\n%s\n' "$1" "$3"
}

# An instance of each, calling a program that exists here.
for unit in *; do
  sed -e 's#/usr/local/bin/medfilter#/bin/true#' -e 's#^User=.*#User=root#' -e 's#^Group=.*#Group=root#' "$unit" \
    >"$place/${unit/@/@nightly}"
done
for unit in "$place"/*; do
  said=$(systemd-analyze verify --man=no "$unit" 2>&1)
  judge "${unit##*/}" "${#said}" "$said"
done
for service in "$place"/*.service; do
  said=$(systemd-analyze security --offline=yes --threshold=15 --no-pager "$service" 2>&1)
  judge "security of ${service##*/}" "$?" "$said"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
