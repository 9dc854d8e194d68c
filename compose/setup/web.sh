#!/usr/bin/env bash
# Builds the dashboard, web/dist, where its sources changed since the last time.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/lib.sh"
. "$here/engine.sh"
. "$here/bases.sh"
. "$here/node.sh"

if [ ! -e "$ROOT/web/package-lock.json" ]; then
  warn "no dashboard here: web/package-lock.json is missing"
  exit 0
fi

use_node
# The API document travels with the page's sources: it is what the page was written against.
sources=$(cd "$ROOT/web" && find . \( -name node_modules -o -name dist \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
if [ -e "$ROOT/web/dist/index.html" ] && [ "$(cat "$STATE/web.stamp" 2>/dev/null)" = "$sources" ]; then
  exit 0
fi
install_modules "$ROOT/web"
say "building the dashboard"
mkdir -p "$STATE/log"
(cd "$ROOT/web" && npm run --silent build) >"$STATE/log/web.log" 2>&1 ||
  { tail -n 30 "$STATE/log/web.log" >&2 && die "building the dashboard failed, see $STATE/log/web.log"; }
printf '%s\n' "$sources" >"$STATE/web.stamp"
