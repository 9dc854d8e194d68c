#!/usr/bin/env bash
# Do two runs of the same thing agree? Runs the profile twice against a running dynod and prints, for each stack, both medians of
# CPU time a request and of start-up with their intervals, and whether they agree. Six blocks are the fewest that carry an interval
# of 95 %. Needs curl and python3; nothing else should run meanwhile.
# Usage: tests/bench/repeatability.sh [server] [profile] [blocks] [stack...]
set -euo pipefail
here=$(dirname "$0")
server=${1:-http://127.0.0.1:8080}
profile=${2:-quick}
blocks=${3:-6}
shift $(($# < 3 ? $# : 3))
[ $# -gt 0 ] || set -- node-fastify go-nethttp python-fastapi cpp-httplib
runs=()
for round in 1 2; do
  echo "run $round of 2" >&2
  "$here/../../build/release/bin/dyno" --server "$server" run "$@" --profile "$profile" --blocks "$blocks" -o json >/dev/null 2>&1
  runs+=("$(curl -sf "$server/api/v1/runs?limit=1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["items"][0]["id"])')")
done
for run in "${runs[@]}"; do
  curl -sf "$server/api/v1/runs/$run/summaries"
  echo
done | python3 "$here/compare_runs.py"
