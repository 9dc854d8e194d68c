#!/usr/bin/env bash
# What the images cost: builds each as on an empty engine, then again unchanged, one after another as a run does, and prints
# seconds and sizes as a Markdown table. Nothing else should run meanwhile.
# build_stacks.sh [--bases] [stack...]: all stacks and the database when none is named; with --bases the stand-ins of the base
# images, too, which is everything that an empty engine lacks. All under names of its own, which go again: what is there stays.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../../compose/setup/lib.sh"
. "$here/../../compose/setup/packages.sh"
. "$here/../../compose/setup/engine.sh"
. "$here/../../compose/setup/bases.sh"

PREFIX=stackdyno/bench
MADE=()
declare -A FRESH=()
total_cold=0 total_warm=0

main() {
  local with_bases='' stack
  local -a stacks
  if [ "${1:-}" = --bases ]; then with_bases=yes && shift; fi
  stacks=("$@")
  mkdir -p "$STATE/log"
  stages_before=$(stages)
  trap remove_made EXIT
  echo "| image | from scratch | unchanged | size |"
  echo "|---|---:|---:|---:|"
  if [ -n "$with_bases" ]; then bases; fi
  if [ ${#stacks[@]} = 0 ]; then
    source_of postgres "$ROOT/compose/postgres" "$ROOT/compose/postgres/service.yaml"
    for stack in "$ROOT"/stacks/*/Dockerfile; do stacks+=("$(basename "$(dirname "$stack")")"); done
  fi
  for stack in "${stacks[@]}"; do source_of "$stack" "$ROOT/stacks/$stack" "$ROOT/stacks/$stack/stack.yaml"; done
  echo "| together | $(seconds "$total_cold") | $(seconds "$total_warm") | |"
  echo
  echo "$(date -u +%F), $(nproc) CPUs, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(engine_version), n = 1"
}

# The stand-ins that the stacks themselves need, in the order of make setup: Debian first, on which the others stand.
bases() {
  local stand_in folder begin
  begin=$(now)
  as_root "$BASES/debian/make.sh" "$(debian_mirror)" "$(security_mirror)" "$(scratch_folder)" 2>"$STATE/log/bench-base.log" |
    engine "/images/create?fromSrc=-&repo=$PREFIX-base-debian-trixie&tag=latest" -X POST \
      -H 'Content-Type: application/x-tar' -T - -o "$STATE/log/bench-import.log"
  row base-debian-trixie $((($(now) - begin) / 1000000)) 0
  while read -r stand_in; do
    folder=$(folder_of "$stand_in")
    if [ "$folder" = debian ]; then continue; fi
    pairs=$(BUILD_ARGUMENTS=$(arguments_of "$stand_in") proxy_arguments | sed 's/^{//; s/}$//')
    both "${stand_in#*/}" "$BASES/$folder" nocache=1
  done < <(wanted_bases | cut -d ' ' -f 2 | sort -u)
}

# source_of <name> <folder> <stack.yaml or service.yaml>: builds it on fresh bases.
source_of() {
  local arg image stand_in
  pairs=$(proxy_arguments | sed 's/^{//; s/}$//')
  while read -r arg image stand_in; do
    # As the daemon chooses: the official one where it is here, else its stand-in.
    if ! image_exists "$image"; then image=$stand_in; fi
    freshen "$image"
    pairs="$pairs${pairs:+,}\"$arg\":\"${FRESH[$image]}\""
  done < <(awk '/^variants:/ { exit }
    match($0, /- \{arg: [A-Z_]+, image: [^ ,}]+, stand_in: [^ ,}]+/) {
      line = substr($0, RSTART + 8, RLENGTH - 8); gsub(/, (image|stand_in): /, " ", line); print line
    }' "$3")
  both "$1" "$2" nocache=0
}

# A copy of a base with a mark of this very run: no step on it is in the engine's cache, as on an empty engine, while a step that two
# stacks share is made once, as there, too.
freshen() {
  local name=fresh-${#FRESH[@]} folder
  if [ -n "${FRESH[$1]:-}" ]; then return; fi
  folder=$(mktemp -d)
  printf 'FROM %s\nLABEL stackdyno.bench=%s\n' "$1" "$(now)" >"$folder/Dockerfile"
  build_ms "$name" "$folder" nocache=1 >/dev/null
  rm -r "$folder"
  MADE+=("$name")
  FRESH[$1]=$PREFIX-$name
}

# both <name> <context> <nocache=0|1 of the first time>: built, then built again unchanged; prints the row. `pairs` holds the arguments.
both() {
  local cold warm
  cold=$(build_ms "$@")
  warm=$(build_ms "$1" "$2" nocache=0)
  row "$1" "$cold" "$warm"
}

# row <name> <ms> <ms>
row() {
  local bytes
  MADE+=("$1")
  bytes=$(engine "/images/$PREFIX-$1/json" -f | grep -o '"Size":[0-9]*' | head -n 1 | cut -d : -f 2)
  total_cold=$((total_cold + $2)) total_warm=$((total_warm + $3))
  echo "| $1 | $(seconds "$2") | $(seconds "$3") | $(mebibytes "$bytes") |"
}

# build_ms <name> <context> <nocache=0|1>: the milliseconds it took.
build_ms() {
  local log=$STATE/log/bench-$1.log begin end query
  query="t=$PREFIX-$1:latest&rm=1&forcerm=1&$3&buildargs=$(printf '{%s}' "$pairs" | url_encode)"
  begin=$(now)
  tar -C "$2" -c . | engine "/build?$query" -X POST -H 'Content-Type: application/x-tar' -T - -N >"$log"
  end=$(now)
  if grep -q '"errorDetail"\|^{"message"' "$log"; then die "building $1 failed, see $log"; fi
  echo $(((end - begin) / 1000000))
}

# The first stages of images, which the engine keeps without a name.
stages() {
  engine '/images/json?filters=%7B%22dangling%22%3A%5B%22true%22%5D%2C%22label%22%3A%5B%22stackdyno.stage%22%5D%7D' |
    grep -o '"Id":"sha256:[0-9a-f]*"' | cut -d '"' -f 4 | sort || true
}

remove_made() {
  local name
  for name in "${MADE[@]}"; do engine "/images/$PREFIX-$name" -X DELETE -o /dev/null || true; done
  # Those that stood on the named ones.
  for name in $(comm -13 <(echo "$stages_before") <(stages)); do engine "/images/$name" -X DELETE -o /dev/null || true; done
}

now() { date +%s%N; }
engine_version() { engine /version | grep -o '"Version":"[^"]*"' | head -n 1 | sed 's/"Version":"\(.*\)"/Docker \1/'; }
seconds() { awk -v ms="$1" 'BEGIN { printf "%.1f s", ms / 1000 }'; }
mebibytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f MiB", bytes / 1048576 }'; }

main "$@"
