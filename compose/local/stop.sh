#!/usr/bin/env bash
# Ends the dynod that `make run` started and looks whether anything of it is left in the engine.
# Results, base images and the Docker engine stay; --quiet says nothing when all is well.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../setup/lib.sh"
. "$here/../setup/engine.sh"
. "$here/config.sh"

[ "${1:-}" = --quiet ] && quiet=yes || quiet=

main() {
  local pid left
  if pid=$(running_daemon); then
    end_daemon "$pid"
    tell "dynod has ended"
  else
    tell "dynod is not running"
  fi
  rm -f "$PID_FILE"
  if ! engine_answers; then
    tell "no Docker engine answers, so none of its containers runs"
    return
  fi
  left=$(leftovers)
  [ -z "$left" ] || die "left behind in the engine (the next start of dynod sweeps it): $left"
  tell "no container, network or volume of it is left"
  tell "kept: results in $STATE/data, images, the Docker engine (make clean removes the first two)"
}

tell() { [ -n "$quiet" ] || say "$1"; }

end_daemon() {
  local deadline=$((SECONDS + 20))
  as_owner "/proc/$1" kill -TERM "$1"
  while running_daemon >/dev/null; do
    ((SECONDS < deadline)) || die "dynod (process $1) did not end within 20 s after SIGTERM; see $STATE/dynod.log"
    sleep 0.1
  done
}

# The daemon, and what it writes, may be root's.
as_owner() {
  local file=$1
  shift
  if [ "$(stat -c %u "$file")" = "$(id -u)" ]; then "$@"; else as_root "$@"; fi
}

# Everything that carries this daemon's instance, by kind. Without a database nothing was ever started.
leftovers() {
  local instance filter
  [ -e "$STATE/data/stackdyno.db" ] || return 0
  instance=$(as_owner "$STATE/data/stackdyno.db" sqlite3 "$STATE/data/stackdyno.db" "SELECT value FROM meta WHERE name = 'instance_id'")
  [ -n "$instance" ] || die "the instance id cannot be read from $STATE/data/stackdyno.db, so nothing can be verified"
  filter=$(printf '{"label":["stackdyno.instance=%s"]}' "$instance" | url_encode)
  {
    engine "/containers/json?all=1&filters=$filter" | grep -o '"Names":\["[^"]*"' | sed 's/.*"\//container /; s/"$//' || true
    engine "/networks?filters=$filter" | grep -o '"Name":"[^"]*"' | sed 's/.*:"/network /; s/"$//' || true
    engine "/volumes?filters=$filter" | grep -o '"Name":"[^"]*"' | sed 's/.*:"/volume /; s/"$//' || true
  } | paste -s -d , | sed 's/,/, /g'
}

main
