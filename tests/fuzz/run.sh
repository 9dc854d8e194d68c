#!/usr/bin/env bash
# Fuzzes the parsers with the address and undefined sanitizers: builds the targets, then lets each run until it has used so many
# minutes of CPU, beginning with its corpus. Prints Markdown. A target that crashes is not tried further, and its input stays in the
# folder that is named; the others go on, and the end is an error. For the comparison with llhttp install node-llhttp (Debian 12) or libllhttp-dev (Debian 13) first.
# Usage: tests/fuzz/run.sh [MINUTES] [TARGET...]      (10 minutes; all targets, such as fuzz_llhttp)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=$((${1:-10} * 60))
shift $(($# > 0 ? 1 : 0))
build=$root/build/fuzz

cmake --preset fuzz -S "$root" -DDYNO_SANITIZE=address,undefined >/dev/null
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
  mapfile -t targets < <(cmake --build "$build" --target help | sed -n "s/^\(fuzz_[a-z0-9_]*\): phony$/\1/p")
fi
[ ${#targets[@]} != 0 ] || { echo "error: no fuzz targets in $build" >&2; exit 1; }
cmake --build "$build" --target "${targets[@]}" >/dev/null

fuzz() {
  local name=$1 found=$build/found/$1 corpus=$root/tests/fuzz/corpus/${1#fuzz_} used=0 runs=0
  local TIMEFORMAT='%U %S'
  mkdir -p "$found/corpus" "$found/crashes"
  local folders=("$found/corpus")
  [ ! -d "$corpus" ] || folders+=("$corpus")
  while ((used < seconds)); do
    if ! { time "$build/tests/$name" -max_total_time=$((seconds - used + 1)) -artifact_prefix="$found/crashes/" \
      -print_final_stats=1 "${folders[@]}" >"$found/log" 2>&1; } 2>"$found/time"; then
      tail -n 40 "$found/log" >&2
      echo "error: $name: what it found is in $found/crashes" >&2
      return 1
    fi
    used=$((used + $(awk '{ printf "%d", $1 + $2 }' "$found/time")))
    runs=$((runs + $(sed -n 's/^stat::number_of_executed_units: *//p' "$found/log")))
  done
  echo "| $name | $used | $runs | $(find "$found/corpus" -type f | wc -l) |"
}

echo "Address and undefined sanitizers, $(nproc) CPUs, $(date -u +%F)"
echo
echo "| target | CPU s | inputs tried | inputs kept |"
echo "|---|---|---|---|"
failed=0
for target in "${targets[@]}"; do
  fuzz "$target" &  # in the background, where errexit still holds although the result is looked at
  wait $! || failed=1
done
exit "$failed"
