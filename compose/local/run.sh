#!/usr/bin/env bash
# `make run`: packages and the engine; then the base images and the dashboard while the programs compile; a daemon; the comparison. What took
# the time is said at the end. run.sh <program…>
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../setup/lib.sh"
setup=$here/../setup

spelled() { if [ "$1" -lt 60 ]; then echo "$1 s"; else echo "$(($1 / 60)) min $(($1 % 60)) s"; fi; }

compile() {
  "$setup/build.sh" release "$@"
  echo "$((SECONDS - compiling_since))" >"$STATE/log/compile.seconds"
}

"$setup/setup.sh" engine
ready=$SECONDS

# Of its own process group: what bash starts in the background would not hear Ctrl-C otherwise. However this script ends, so does it.
compiling_since=$SECONDS
set -m
compile "$@" &
compiling=$!
set +m
trap 'kill -- "-$compiling" 2>/dev/null || true' EXIT
"$setup/setup.sh" run
"$setup/web.sh"
images=$((SECONDS - ready))
wait "$compiling"
trap - EXIT

"$here/start.sh"
begin=$SECONDS
status=0
"$here/compare.sh" || status=$?
note "took $(spelled "$SECONDS"): set-up $(spelled "$ready"), base images and dashboard $(spelled "$images") beside compiling" \
  "$(spelled "$(cat "$STATE/log/compile.seconds")"), stack images and comparison $(spelled $((SECONDS - begin)))"
exit "$status"
