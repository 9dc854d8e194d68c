#!/usr/bin/env bash
# Compares a service as it is checked out with what it is branched from, and writes what came out as Markdown. Installs nothing but the
# daemon, which it builds by make, starts for the comparison and ends after it.
# Usage: compare.sh [FOLDER [BASE [OPTION...]]]: the folder with stackdyno.yaml (.), a git ref (origin/main), options of `dyno compare` such
# as --within 15min or --fail-on worse,inconclusive. Exits as that does: 0, or 5 where something became worse. Set if you want others:
# STACKDYNO, a clone of stackdyno (the one with this script); STACKDYNO_BIN, its programs; PROFILES, a folder of profiles; REPORT (comparison.md); PORT (8099).
set -euo pipefail
folder=${1:-.}
case $folder in . | .. | ./* | ../* | /*) ;; *) folder=./$folder ;; esac # for dyno, which takes other words for runs
base=${2:-origin/main}
stackdyno=${STACKDYNO:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)}
programs=${STACKDYNO_BIN:-$stackdyno/build/release/bin}
report=${REPORT:-comparison.md}
port=${PORT:-8099}

# The common ancestor: what others have put on the base meanwhile is not of this branch.
ancestor=$(git -C "$folder" merge-base "$base" HEAD)
ancestor=$(git -C "$folder" rev-parse --short "$ancestor")
[ -x "$programs/dynod" ] || make -C "$stackdyno" build >&2

state=$(mktemp -d)
daemon=
trap 'kill ${daemon:+"$daemon"} 2>/dev/null || true; wait; rm -rf "$state"' EXIT
mkdir "$state/stacks"
cat >"$state/config.yaml" <<END
listen: "127.0.0.1:$port"
data_dir: "$state/data"
stacks_dirs: ["$state/stacks"]
profiles_dir: "${PROFILES:-$stackdyno/stacks/profiles}"
services_dir: "$stackdyno/compose"
runner_dir: "$programs"
END
"$programs/dynod" --config "$state/config.yaml" >"$state/dynod.log" 2>&1 &
daemon=$!
export STACKDYNO_SERVER=http://127.0.0.1:$port
until "$programs/dyno" version >/dev/null 2>&1; do
  kill -0 "$daemon" 2>/dev/null || { cat "$state/dynod.log" >&2 && exit 1; }
  sleep 0.2
done

status=0
"$programs/dyno" compare "$folder@$ancestor" "$folder" "${@:3}" -o markdown >"$report" || status=$?
cat "$report"
exit "$status"
