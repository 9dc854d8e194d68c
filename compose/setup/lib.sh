# shellcheck shell=bash
# What every set-up script shares: where things are, how we speak, how we become root.
# Sourced, never run. Sets nothing up by itself.

# The state folder must survive `cd`, so both are absolute.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
STATE=${STACKDYNO_STATE:-$ROOT/.state}
case $STATE in /*) ;; *) STATE=$PWD/$STATE ;; esac
export ROOT STATE

say() { printf '==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as root: directly, or through sudo. Callers ask can_be_root first for a worded refusal.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -- "$@"; fi
}

can_be_root() {
  [ "$(id -u)" = 0 ] && return 0
  have sudo || return 1
  # Without a terminal nobody can type a password.
  if [ -t 0 ]; then sudo -v; else sudo -n true 2>/dev/null; fi
}

need_root() {
  can_be_root || die "$1 needs root: run it as root, or install sudo and allow it for $(id -un)"
}
