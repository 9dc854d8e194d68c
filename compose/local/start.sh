#!/usr/bin/env bash
# Starts dynod in the background, or leaves it alone where this very build already runs.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../setup/lib.sh"
. "$here/../setup/engine.sh"
. "$here/config.sh"

main() {
  mkdir -p "$STATE/data" "$STATE/schedules" "$STATE/log"
  local pid
  if pid=$(running_daemon); then
    if [ "$(cut -d ' ' -f 3 "$PID_FILE")" = "$(daemon_identity)" ] && is_ready; then return; fi
    say "the build or its configuration changed: restarting dynod"
    "$here/stop.sh" --quiet
  fi
  write_config "$(free_port)" >"$CONFIG"
  launch
  await_ready
  say "dynod runs at $(server_url) (log in $STATE/dynod.log)"
}

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  for ((port = 8080; port < 8180; port++)); do
    port_is_taken "$port" || break
  done
  [ "$port" = 8080 ] || note "port 8080 is taken: using $port" >&2
  echo "$port"
}

# As root where we can: the memory of other users' processes (PSS) is readable by root only.
launch() {
  local pid
  if can_be_root; then
    # shellcheck disable=SC2016
    as_root sh -c 'umask 022; setsid "$1" --config "$2" >>"$3" 2>&1 </dev/null & echo $!' \
      sh "$BIN/dynod" "$CONFIG" "$STATE/dynod.log" >"$STATE/dynod.launch"
  else
    warn "without root the daemon cannot read PSS: memory figures will say so"
    setsid "$BIN/dynod" --config "$CONFIG" >>"$STATE/dynod.log" 2>&1 </dev/null &
    echo $! >"$STATE/dynod.launch"
  fi
  pid=$(cat "$STATE/dynod.launch")
  printf '%s %s %s\n' "$pid" "$(started_at "$pid")" "$(daemon_identity)" >"$PID_FILE"
  rm -f "$STATE/dynod.launch"
}

# The root of the API answers once the daemon has started. /healthz answers before that, and /readyz stays at 503 where a schedule is
# invalid or the disk is full.
is_ready() { curl -sf -m 2 -o /dev/null "$(server_url)/api/v1/"; }

await_ready() {
  local deadline=$((SECONDS + 30))
  until is_ready; do
    if ! running_daemon >/dev/null || ((SECONDS >= deadline)); then
      tail -n 20 "$STATE/dynod.log" >&2
      die "dynod did not come up, see $STATE/dynod.log"
    fi
    sleep 0.1
  done
}

main
