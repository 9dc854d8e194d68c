#!/usr/bin/env bash
# Checks what no compiler sees: landed migrations, executable bits, paths of one machine, words and file names we do not use.
# check_tree.sh [root]. Lengths over the limits of CONTRIBUTING.md are reported, not refused.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}"
failed=0

complain() {
  printf '%s\n' "$1" | sed "s|^|$2: |"
  failed=1
}

# What git tracks; in an unpacked archive, everything that is not made by a build.
files() {
  if [ -e .git ]; then
    git ls-files -z
  else
    find . \( -name build -o -name node_modules -o -name dist -o -name .state \) -prune -o -type f -printf '%P\0'
  fi
}
# Deleted but not yet committed is not there.
mapfile -d '' -t tracked < <(files | while IFS= read -r -d '' file; do [ -f "$file" ] && printf '%s\0' "$file"; done)

search() { # <extended regular expression> [file name pattern]
  local file chosen=()
  for file in "${tracked[@]}"; do
    # shellcheck disable=SC2053
    [[ $file == ${2:-*} ]] && [[ $file != tests/tools/check_tree* ]] && chosen+=("$file")
  done
  [ ${#chosen[@]} = 0 ] || grep -InE -- "$1" "${chosen[@]}" /dev/null || true
}

check_migrations() {
  local file
  [ -d migrations ] || return 0
  (cd migrations && sha256sum --quiet -c "$here/migrations.sha256" 2>&1) ||
    complain "a landed migration was edited: write a new one instead" migrations
  for file in migrations/*.sql; do
    grep -q "  ${file#migrations/}\$" "$here/migrations.sha256" || complain "is not pinned in tests/tools/migrations.sha256" "$file"
  done
}

check_executable_bits() {
  local file
  for file in "${tracked[@]}"; do
    if [ "$(head -c 2 "$file" | tr -d '\0')" = '#!' ]; then
      [ -x "$file" ] || complain "begins with #! but is not executable" "$file"
    else
      [ ! -x "$file" ] || complain "is executable but does not begin with #!" "$file"
    fi
  done
}

check_words() {
  local found
  # A path below somebody's home or work folder says on which machine it was written.
  found=$(search '(^|[^a-zA-Z0-9_.}])/(home|work|Users)/[a-zA-Z]')
  [ -z "$found" ] || complain "$found" "a path of one machine"
  found=$(search '(^|[^A-Za-z])(FIXME|XXX)([^A-Za-z]|$)|TODO([^(A-Za-z]|$)|TODO\([^#]')
  [ -z "$found" ] || complain "$found" "a TODO names an issue, TODO(#12), or is not written"
  found=$(search '(class|struct) [A-Za-z]*(Manager|Helper|Utils?|Impl)([ {:]|$)' '*.h')
  [ -z "$found" ] || complain "$found" "a name that says nothing"
  found=$(printf '%s\n' "${tracked[@]}" | grep -E '(^|/)(utils?|helpers?|common|misc)(\.[a-z]+)?(/|$)' || true)
  [ -z "$found" ] || complain "$found" "a file name that says nothing"
}

report_lengths() {
  local file limit lines
  for file in "${tracked[@]}"; do
    case $file in
      daemon/*.h | runners/*.h) limit=150 ;;
      daemon/*.cpp | runners/*.cpp) limit=400 ;;
      *) continue ;;
    esac
    lines=$(wc -l <"$file")
    if ((lines > limit)); then printf 'note: %s has %d lines (aim: at most %d)\n' "$file" "$lines" "$limit"; fi
  done
}

check_migrations
check_executable_bits
check_words
report_lengths
exit "$failed"
