#!/usr/bin/env bash
# From a fresh clone to filtered scans: installs what is missing, builds, runs the sample jobs, verifies their logs.
set -euo pipefail
cd "$(dirname "$0")/.."

Config/install.sh
swift build -c release --product medfilter
medfilter=.build/release/medfilter

rm -rf .build/try # so that the jobs start afresh each time
for job in Samples/*.json; do
  echo
  echo "== medfilter run $job"
  "$medfilter" run "$job"
done
for log in .build/try/*/provenance.jsonl; do
  echo
  echo "== medfilter verify $log"
  "$medfilter" verify "$log"
done

echo
echo "The filtered scans, each with its record beside it:"
find .build/try -name '*.nii*' -printf '  %p (%s bytes)\n' | sort
