#!/usr/bin/env bash
# What does an idle dynod cost? Prints its memory and its CPU time over a span of quiet. Usage: idle_daemon.sh PID [seconds]
set -euo pipefail
pid=$1 seconds=${2:-60}
ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
before=$(ticks)
sleep "$seconds"
after=$(ticks)
awk '/^VmRSS|^RssAnon/ { printf "%s %.1f MiB\n", $1, $2 / 1024 }' "/proc/$pid/status"
awk '/^Pss:/ { printf "Pss: %.1f MiB\n", $2 / 1024 }' "/proc/$pid/smaps_rollup"
awk -v t=$((after - before)) -v s="$seconds" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "CPU: %.3f %% of a core over %d s\n", 100 * t / hz / s, s }'
