#!/usr/bin/env bash
# Checks the sources against module_table.txt: check_includes.sh [root]. Prints every violation as file:line: why.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=${1:-$here/../..}
cd "$root"

find daemon runners -type f \( -name '*.h' -o -name '*.cpp' \) ! -path '*/build/*' | sort |
  xargs awk -v table="$here/module_table.txt" -f "$here/check_includes.awk"
