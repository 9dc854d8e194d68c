#!/usr/bin/env bash
# Checks the walk of one number in ARCHITECTURE.md: at most twelve steps, and each names a file and a function in it, as in
# `daemon/run/gates.h`: `judges`. Both have to be there. check_walk.sh [root].
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}"
failed=0

complain() {
  printf 'ARCHITECTURE.md: %s\n' "$1"
  failed=1
}

# A line "step file function" for each pair; "step - -" for each step, so that one without a pair is seen.
pairs() {
  awk '
    /^## / { inside = /^## A walk/; next }
    !inside { next }
    /^[0-9]+\. / { step = $1 + 0; print step, "-", "-" }
    step {
      text = $0
      while (match(text, /`[A-Za-z0-9_\/.]+`: `[A-Za-z0-9_:]+`/)) {
        pair = substr(text, RSTART + 1, RLENGTH - 2)
        split(pair, part, "`: `")
        print step, part[1], part[2]
        text = substr(text, RSTART + RLENGTH)
      }
    }' ARCHITECTURE.md
}

declare -A named=()
last=0
while read -r step file function; do
  [ "$file" != - ] || { last=$step; continue; }
  named[$step]=1
  if [ ! -f "$file" ]; then
    complain "step $step of the walk: there is no $file"
  elif ! grep -qE "\b${function##*:} *(\(|=|\{)" "$file"; then
    complain "step $step of the walk: $file has no $function"
  fi
done < <(pairs)
[ "$last" -gt 0 ] || complain "there is no walk"
[ "$last" -le 12 ] || complain "the walk has $last steps, more than twelve"
for ((step = 1; step <= last; step++)); do
  [ -n "${named[$step]:-}" ] || complain "step $step of the walk names no file and function"
done
exit "$failed"
