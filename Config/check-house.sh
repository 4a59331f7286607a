#!/usr/bin/env bash
# House rules that neither the compiler nor the formatter knows.
set -uo pipefail
cd "$(dirname "$0")/.."
git rev-parse --git-dir >/dev/null || exit 1
passed=0 failed=0

rule() { # SENTENCE, and on stdin the lines that break it
  local found
  found=$(cat)
  if [ -z "$found" ]; then passed=$((passed + 1)); return; fi
  failed=$((failed + 1))
  printf 'broken: %s\n%s\n' "$1" "$found"
}

rule "Sources import FoundationEssentials at most: Foundation quadruples the binary" \
  < <(git grep -nE '^(@[a-zA-Z_]+ |internal |package |public )*import Foundation$' -- Sources Samples)
rule "bad input never stops the process" \
  < <(git grep -nE '\b(try!|fatalError\()' -- Sources Samples)
rule "tests see what package access shows, so that they run in release" \
  < <(git grep -n '@testable import' -- Tests)
# Paths of this checkout and of its user's home, at the beginning of a path only.
parent=$(dirname "$PWD")
rule "no path of this machine" \
  < <(git grep -nE "(^|[^A-Za-z0-9_.)/-])(${parent%/}/$([ "$parent" != / ] || basename "$PWD")|$HOME/)" -- .)
# Split, or the pattern would find itself.
rule "nothing unfinished" \
  < <(git grep -nE '\b(TO''DO|FIX''ME|XX''X)\b' -- .)
rule "the top level holds what the user asked for" \
  < <(git ls-files | cut -d/ -f1 | sort -u | grep -vxE '\..*|Package\.swift|Sources|Tests|Config|Samples|README\.md')

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
