#!/usr/bin/env bash
# What the images of all stacks cost: builds each from nothing (the engine's cache left out, base images present), then again
# unchanged, and prints seconds and sizes as a Markdown table. Nothing else should run meanwhile. The images it makes go again.
# build_stacks.sh [stack...]: all stacks when none is named.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../../compose/setup/lib.sh"
. "$here/../../compose/setup/engine.sh"

main() {
  local stack cold warm bytes total_cold=0 total_warm=0
  local -a stacks=("$@")
  mkdir -p "$STATE/log"
  if [ ${#stacks[@]} = 0 ]; then
    for stack in "$ROOT"/stacks/*/Dockerfile; do stacks+=("$(basename "$(dirname "$stack")")"); done
  fi
  echo "| stack | from nothing | unchanged | image |"
  echo "|---|---|---|---|"
  for stack in "${stacks[@]}"; do
    cold=$(build_ms "$stack" 1)
    warm=$(build_ms "$stack" 0)
    bytes=$(engine "/images/stackdyno/bench-$stack/json" -f | grep -o '"Size":[0-9]*' | head -n 1 | cut -d : -f 2)
    engine "/images/stackdyno/bench-$stack" -X DELETE -o /dev/null
    total_cold=$((total_cold + cold)) total_warm=$((total_warm + warm))
    echo "| $stack | $(seconds "$cold") | $(seconds "$warm") | $(mebibytes "$bytes") |"
  done
  echo "| together | $(seconds "$total_cold") | $(seconds "$total_warm") | |"
  echo
  echo "$(date -u +%F), $(nproc) CPUs, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(engine_version), n = 1"
}

# build_ms <stack> <1: without the cache>: builds it as stackdyno/bench-<stack>; the milliseconds it took.
build_ms() {
  local stack=$1 log=$STATE/log/bench-$1.log begin end query
  query="t=stackdyno/bench-$stack:latest&rm=1&forcerm=1&nocache=$2&buildargs=$(build_arguments "$stack" | url_encode)"
  begin=$(date +%s%N)
  tar -C "$ROOT/stacks/$stack" -c . |
    engine "/build?$query" -X POST -H 'Content-Type: application/x-tar' -T - -N >"$log"
  end=$(date +%s%N)
  if grep -q '"errorDetail"\|^{"message"' "$log"; then die "building $stack failed, see $log"; fi
  echo $(((end - begin) / 1000000))
}

# The base images as the daemon chooses them: the official one where it is here, else its stand-in.
build_arguments() {
  local arg image stand_in pairs
  pairs=$(proxy_arguments | sed 's/^{//; s/}$//')
  while read -r arg image stand_in; do
    if ! image_exists "$image"; then image=$stand_in; fi
    pairs="$pairs${pairs:+,}\"$arg\":\"$image\""
  done < <(awk '/^variants:/ { exit }
    match($0, /- \{arg: [A-Z_]+, image: [^ ,}]+, stand_in: [^ ,}]+/) {
      line = substr($0, RSTART + 8, RLENGTH - 8); gsub(/, (image|stand_in): /, " ", line); print line
    }' "$ROOT/stacks/$1/stack.yaml")
  printf '{%s}' "$pairs"
}

engine_version() { engine /version | grep -o '"Version":"[^"]*"' | head -n 1 | sed 's/"Version":"\(.*\)"/Docker \1/'; }
seconds() { awk -v ms="$1" 'BEGIN { printf "%.1f s", ms / 1000 }'; }
mebibytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f MiB", bytes / 1048576 }'; }

main "$@"
