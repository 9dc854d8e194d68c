#!/usr/bin/env bash
# Builds a preset: build.sh <preset> [targets]; everything, where none is named.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/lib.sh"

preset=$1
shift
log=$STATE/log/build-$preset.log
mkdir -p "$STATE/log"
cd "$ROOT"

launcher=()
# What else it would mind in precompiled headers: macros of the command line, and __TIME__, which nothing of ours uses.
if have ccache; then launcher=("-DCMAKE_CXX_COMPILER_LAUNCHER=cmake;-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;ccache"); fi
cmake --preset "$preset" "${launcher[@]}" >"$log" 2>&1 || { tail -n 30 "$log" >&2 && die "configuring $preset failed, see $log"; }

# Ninja knows best whether there is anything to do; it is asked so that a wait is announced.
if ! ninja -C "build/$preset" -n "$@" 2>/dev/null | grep -q 'no work to do'; then say "building preset $preset"; fi
cmake --build --preset "$preset" ${1:+--target "$@"} >>"$log" 2>&1 ||
  { grep -A 20 -m 1 -E 'FAILED|error:' "$log" >&2 || tail -n 30 "$log" >&2; die "building preset $preset failed, see $log"; }
