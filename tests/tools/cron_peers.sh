#!/usr/bin/env bash
# Due times from 2020 to 2040 in twenty zones against a walk over every minute, and beside two programs that are installed for it: croniter
# for days, croner for changes of the clocks. cron_peers.sh [--record]: writes what the two say to tests/data/schedule instead.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../../compose/setup/lib.sh"
. "$here/../../compose/setup/node.sh"
use_node

work=$(mktemp -d "${TMPDIR:-/tmp}/stackdyno-cron.XXXXXX")
trap 'rm -rf "$work"' EXIT
to=$work
[ "${1:-}" != --record ] || to=$ROOT/tests/data/schedule

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q croniter==6.0.0 tzdata
"$work/venv/bin/python" "$here/cron_calendar.py" >"$to/croniter.txt"
cp "$here/cron_clocks.mjs" "$work/"
(cd "$work" && npm install --silent --no-audit --no-fund croner@9.1.0 >/dev/null && node cron_clocks.mjs) >"$to/croner.txt"
[ "${1:-}" != --record ] || exit 0
DYNO_CRON_PEERS=$work DYNO_WALK_YEARS=21 "$ROOT/build/release/tests/schedule_test" --gtest_filter='*CronPeer*:*CronOracle*' |
  tee "$work/log"
grep -q '^\[  PASSED  \] 22 tests' "$work/log" # two programs and twenty zones: a filter that names none of them would pass, too
