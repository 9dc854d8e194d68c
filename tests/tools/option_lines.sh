#!/usr/bin/env bash
# Many random command lines of dyno-load, made from its table of options: each ends in time and with a documented code.
# option_lines.sh [LINES]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
DYNO_OPTION_LINES=${1:-5000} "$root/build/release/tests/load_options_test" --gtest_brief=1 --gtest_filter='*RandomLines*'
