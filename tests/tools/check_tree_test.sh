#!/usr/bin/env bash
# Proves that check_tree.sh bites: each planted fault must be named, and a clean tree must pass.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

plant() { # <file> <text>
  find "$tree" -mindepth 1 -delete
  mkdir -p "$tree/$(dirname "$1")"
  printf '%b\n' "$2" >"$tree/$1"
}

bites() { # <file> <text> <words of the complaint>
  plant "$1" "$2"
  local said
  if said=$("$here/check_tree.sh" "$tree" 2>&1); then
    echo "not noticed: $1: $2" && failed=1
  elif ! grep -qF -- "$3" <<<"$said"; then
    printf 'wrongly worded: %s: %s\n%s\n' "$1" "$2" "$said" && failed=1
  fi
}

bites daemon/a.cpp '// see /home''/somebody/notes' "a path of one machine"
bites daemon/a.cpp '// TO''DO: later' "a TODO names an issue"
bites daemon/a.h 'class RunManager {' "a name that says nothing"
bites daemon/base/utils.h '// nothing' "a file name that says nothing"
bites compose/a.sh '#!/bin/sh' "is not executable"
bites migrations/0001_meta.sql 'DROP TABLE run;' "a landed migration was edited"
bites migrations/9999_new.sql 'SELECT 1;' "is not pinned"

plant daemon/a.cpp '// TODO(#12): a path such as /var/lib/stackdyno is fine'
"$here/check_tree.sh" "$tree" || { echo "a clean tree was refused" && failed=1; }

[ "$failed" = 0 ] && echo "check_tree.sh notices each of the planted faults"
exit "$failed"
