#!/usr/bin/env bash
# Checks the whole project. Every step runs even if an earlier one failed; the last line counts them all.
#
# A step that prints a last line `N passed, M failed` is counted by it, any other counts as one.
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0 broken=()

count() { # NAME STATUS PASSED FAILED
  passed=$((passed + $3)) failed=$((failed + $4))
  # A step that failed without reporting a failure itself counts as one failure.
  if [ "$2" -ne 0 ] && [ "$4" -eq 0 ]; then failed=$((failed + 1)); fi
  [ "$2" -eq 0 ] && [ "$4" -eq 0 ] || broken+=("$1")
}

step() { # NAME COMMAND...
  local name=$1 output status summary
  shift
  printf '\n== %s\n' "$name"
  output=$(mktemp)
  "$@" 2>&1 | tee "$output"
  status=$?
  summary=$(tail -n 1 "$output" | grep -oE '^[0-9]+ passed, [0-9]+ failed')
  rm -f "$output"
  if [ -n "$summary" ]; then
    count "$name" "$status" "${summary%% *}" "$(echo "$summary" | cut -d' ' -f3)"
  else
    count "$name" "$status" "$([ "$status" -eq 0 ] && echo 1 || echo 0)" 0
  fi
}

swift_tests() {
  local record=.build/tests-swift-testing.xml status
  rm -f "$record"
  # One line per test instead of one per argument; failures and skipped tests keep all of theirs.
  swift test -c release --xunit-output .build/tests.xml 2>&1 | grep --line-buffered -vE '^◇| started\.$'
  status=${PIPESTATUS[0]}
  [ -e "$record" ] || return 1
  awk '/<testcase/ { cases++; counted = 0 }
       /<skipped/ { skipped++ }
       /<failure/ { if (!counted++) failed++ }
       END { printf "%d passed, %d failed, %d skipped\n", cases - failed - skipped, failed, skipped }' "$record"
  return "$status"
}

# zstd reads our frames; Chromium reads our gzip, as web viewers do; strace makes system calls fail; systemd-analyze reads
# the units.
step "packages" Config/install.sh zstd chromium strace systemd
step "build and sample jobs" Config/try.sh
step "format" swift format lint --strict --configuration Config/swift-format.json -r Package.swift Sources Tests Samples
step "swift test" swift_tests

if python=$(Config/peers.sh); then
  for check in Tests/Oracle/check_*.py Tests/Faults/check_*.py Config/check-*.py; do
    if [ -e "$check" ]; then step "$check" "$python" "$check"; fi
  done
else
  count "the Python environment of Config/peers.sh" 1 0 0
fi
for check in Config/check-*.sh; do
  if [ -e "$check" ]; then step "$check" "$check"; fi
done

echo
for name in "${broken[@]}"; do echo "failed: $name"; done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
