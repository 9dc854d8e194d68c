# shellcheck shell=bash
# The configuration and the identity of the daemon that `make run` keeps in the background.

CONFIG=$STATE/config.yaml
PID_FILE=$STATE/dynod.pid
BIN=$ROOT/build/release/bin

# write_config <port>: keys as daemon/app reads them.
write_config() {
  cat <<EOF
# Written by make run. Change it in compose/local/config.sh, or run dynod with a configuration of your own.
listen: "127.0.0.1:$1"
data_dir: "$STATE/data"
stacks_dirs: ["$ROOT/stacks"]
profiles_dir: "$ROOT/stacks/profiles"
schedules_dir: "$STATE/schedules"
services_dir: "$ROOT/compose"
web_dir: "$ROOT/web/dist"
engine: "$ENGINE"
runner_dir: "$BIN"
log_level: info
EOF
}

configured_port() { sed -n 's/^listen: "127\.0\.0\.1:\([0-9]*\)"$/\1/p' "$CONFIG" 2>/dev/null; }

server_url() { echo "http://127.0.0.1:$(configured_port)"; }

# A changed build or configuration means another daemon.
daemon_identity() {
  local file
  for file in dynod dyno-load dyno-exec; do sha256sum <"$BIN/$file"; done | cat - "$CONFIG" | sha256sum | cut -c 1-16
}

# When a process began, in the kernel's ticks: with the pid it names one process for good.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

# Prints the daemon's pid while the process of the pid file is still the one that was started.
running_daemon() {
  local pid start rest
  read -r pid start rest 2>/dev/null <"$PID_FILE" || return 1
  [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ] || return 1
  # A daemon that ended but was not yet waited for is not running.
  [ "$(sed 's/.*) //' "/proc/$pid/stat" | cut -c 1)" != Z ] || return 1
  echo "$pid"
}
