#!/usr/bin/env bash
# The comparison behind `make run`: four stacks, the quick profile, a table and where to look at it.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../setup/lib.sh"
. "$here/../setup/engine.sh"
. "$here/config.sh"

# Ctrl-C reaches dyno too, which cancels the run and waits until all is cleaned up: so wait for dyno, do not end before it.
trap 'interrupted=yes' INT
interrupted=
# shellcheck disable=SC2086
STACKDYNO_SERVER=$(server_url) "$BIN/dyno" run ${STACKS:-node-fastify go-nethttp python-fastapi cpp-httplib} \
  --profile "${PROFILE:-quick}" && status=0 || status=$?
[ -z "$interrupted" ] || status=130

echo
say "dashboard: $(server_url)/ (dynod stays; make stop ends it)"
exit "$status"
