#!/usr/bin/env bash
# Formatter, linter and shell checks; warnings are errors. Ends with "N passed, N failed, N skipped".
# The linter looks only at files that changed since they last passed, or whose headers did: build/tidy remembers.
# check.sh --part lints no more than 48 of them, chosen by lint_choice.sh: for a machine that remembers nothing and has no
# 25 minutes. check.sh --fix formats in place.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
passed=0 failed=0 skipped=0
# A source takes the linter about 14 s of CPU.
part_bound=48 lints_part=

main() {
  if [ "${1:-}" = --fix ]; then
    cpp_files | xargs -0 clang-format-14 -i
    return
  fi
  if [ "${1:-}" = --part ]; then lints_part=yes; fi
  one "clang-format" clang-format-14 check_format
  one "clang-tidy" clang-tidy-14 check_tidy
  one "shellcheck" shellcheck check_shell
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
}

one() { # <name> <program it needs> <function>
  if ! command -v "$2" >/dev/null; then
    echo "SKIPPED: $1, because $2 is not installed"
    skipped=$((skipped + 1))
  elif "$3"; then
    passed=$((passed + 1))
  else
    echo "FAILED: $1"
    failed=$((failed + 1))
  fi
}

cpp_files() { find daemon runners tests \( -name build -o -name node_modules \) -prune -o \( -name '*.cpp' -o -name '*.h' \) -print0 | sort -z; }

check_format() {
  local said
  said=$(cpp_files | xargs -0 clang-format-14 --dry-run -Werror 2>&1 | grep -E 'error:' | cut -d : -f 1 | sort | uniq -c || true)
  [ -n "$said" ] || return 0
  printf '%s\n' "$said" | awk '{ print $2 ": " $1 " places (tests/tools/check.sh --fix)" }'
  return 1
}

check_tidy() {
  local chosen
  compose/setup/build.sh release || return 1
  mkdir -p build/tidy
  # Without precompiled headers: each file names what it includes.
  sed 's/ -Winvalid-pch -include [^ ]*cmake_pch\.hxx//' build/release/compile_commands.json >build/tidy/compile_commands.json
  stale_sources >build/tidy/stale || return 1
  [ -s build/tidy/stale ] || return 0
  if [ -n "$lints_part" ] && git rev-parse --verify -q HEAD >/dev/null; then
    history >build/tidy/history
    chosen=$(tests/tools/lint_choice.sh build/tidy/history build/tidy/needs build/tidy/stale "$(turn)" "$part_bound")
  else
    chosen=$(cat build/tidy/stale)
  fi
  printf '%s\n' "$chosen" | xargs -P "$(nproc)" -n 1 "$root/tests/tools/tidy_one.sh"
}

# What changed, newest first: not committed yet, then commit by commit. A clone of one commit knows no order, and says so by
# naming every file in it.
history() {
  git status --porcelain --no-renames -- daemon runners | cut -c 4-
  git log --format=tformat:commit --name-only --no-renames -- daemon runners | grep .
}

# Counts commits, so that each has its own share; a shallow clone cannot count, so there it is the day of the commit.
turn() {
  if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
    echo $(($(git show -s --format=%ct HEAD) / 86400))
  else
    git rev-list --count HEAD
  fi
}

# The sources of daemon/ and runners/ whose stamp does not match: build/tidy/<name>.want is what it must become.
# build/tidy/needs gets a line "source file" for each file of ours that a source reads.
# What a source depends on comes from Ninja, which has it from the compiler: absolute, or relative to the build folder where
# a compiler cache rewrote it.
stale_sources() {
  local source name
  rm -f build/tidy/*.want build/tidy/needs
  { find daemon runners -type f \( -name '*.cpp' -o -name '*.h' \) -print0 && printf '.clang-tidy\0'; } | xargs -0 sha256sum >build/tidy/hashes
  ninja -C build/release -t deps | awk -v root="$root/" -v folder=build/tidy '
    FILENAME == ARGV[1] { hash[$2] = $1; next }
    /^[^ ]/ { close(out); out = ""; next }
    {
      path = $1
      if (index(path, root) == 1) path = substr(path, length(root) + 1)
      else if (!sub(/^\.\.\/\.\.\//, "", path)) next
      if (out == "") {
        if (path !~ /^(daemon|runners)\/.*\.cpp$/ || !(path in hash)) { out = "/dev/null"; next }
        source = path; out = path; gsub(/\//, "+", out); out = folder "/" out ".want"
        printf "%s\n", hash[".clang-tidy"] > out
      }
      if (path in hash) { print hash[path], path > out; if (out != "/dev/null") print source, path > (folder "/needs") }
    }' build/tidy/hashes -
  for name in build/tidy/*.want; do
    [ -e "$name" ] || { echo "no source of daemon or runners is among what Ninja built in build/release" >&2 && return 1; }
    cmp -s "$name" "${name%.want}.passed" && continue
    source=$(basename "$name" .want)
    printf '%s\n' "${source//+//}"
  done
}

check_shell() {
  find compose tests/bench tests/tools tests/vm .ci -type f -print0 | xargs -0 grep -lZ '^#!.*bash\|shellcheck shell=bash' | xargs -0 shellcheck -x -P SCRIPTDIR
}

main "$@"
