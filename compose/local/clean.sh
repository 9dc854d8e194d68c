#!/usr/bin/env bash
# Removes what building and running left here: the daemon, build and state folders, and our images by label.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../setup/lib.sh"
. "$here/../setup/engine.sh"

remove_images() {
  local label id filter
  for label in stackdyno.image stackdyno.standin=true stackdyno.stage; do
    filter=$(printf '{"label":["%s"]}' "$label" | url_encode)
    for id in $(engine "/images/json?filters=$filter" | grep -o '"Id":"sha256:[0-9a-f]*"' | cut -d '"' -f 4 | sort -u); do
      engine "/images/$id?force=1" -X DELETE -o /dev/null
    done
  done
}

"$here/stop.sh" --quiet
if engine_answers; then
  say "removing images labelled stackdyno"
  remove_images
fi
say "removing build/, web/dist, node_modules and $STATE (results included)"
as_root rm -rf --one-file-system "$ROOT/build" "$ROOT/web/dist" "$ROOT/web/node_modules" "$ROOT/tests/browser/node_modules" "$STATE"
