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
  mkdir -p build/tidy
  # One by one and without precompiled headers: each file names what it includes.
  cmake -S . -B build/tidy/commands -G Ninja -DCMAKE_BUILD_TYPE=Release -DDYNO_PCH=OFF -DDYNO_UNITY=OFF -DDYNO_TESTS=OFF >build/tidy/configure.log 2>&1 ||
    { tail -n 30 build/tidy/configure.log && return 1; }
  cp build/tidy/commands/compile_commands.json build/tidy/
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
# build/tidy/needs gets a line "source file" for each file of ours that a source reads: by what its #include lines say, whatever
# the preprocessor would pass over.
stale_sources() {
  local source name
  rm -f build/tidy/*.want
  { find daemon runners -type f \( -name '*.cpp' -o -name '*.h' \) -print0 && printf '.clang-tidy\0'; } | xargs -0 sha256sum >build/tidy/hashes
  sed -n "s|^ *\"file\": \"$root/\(.*\)\",\{0,1\}\$|\1|p" build/tidy/compile_commands.json | grep -E '^(daemon|runners)/' >build/tidy/sources
  grep -rE --include='*.cpp' --include='*.h' '^#include "' daemon runners | awk '
    function visit(file, path, i, n, list) {
      if (seen[file] == source) return
      seen[file] = source
      print source, file
      n = split(reads[file], list, "\n")
      for (i = 1; i <= n; ++i) visit(list[i])
    }
    FILENAME == ARGV[1] { known[$2] = 1; next }
    FILENAME == ARGV[2] { sources[++count] = $1; next }
    {
      file = $0; sub(/:.*/, "", file)
      name = $0; sub(/^[^"]*"/, "", name); sub(/".*/, "", name)
      beside = file; sub(/[^\/]*$/, "", beside)
      path = beside name
      if (!(path in known)) path = "daemon/" name
      if (!(path in known)) path = name
      if (path in known) reads[file] = reads[file] (reads[file] == "" ? "" : "\n") path
    }
    END { for (s = 1; s <= count; ++s) { source = sources[s]; visit(source) } }' build/tidy/hashes build/tidy/sources - | sort >build/tidy/needs
  awk -v folder=build/tidy '
    NR == FNR { hash[$2] = $1; next }
    $1 != source { if (out != "") close(out); source = $1; out = source; gsub(/\//, "+", out); out = folder "/" out ".want"; print hash[".clang-tidy"] >out }
    { print hash[$2], $2 >out }' build/tidy/hashes build/tidy/needs
  for name in build/tidy/*.want; do
    [ -e "$name" ] || { echo "no source of daemon or runners is in build/tidy/compile_commands.json" >&2 && return 1; }
    cmp -s "$name" "${name%.want}.passed" && continue
    source=$(basename "$name" .want)
    printf '%s\n' "${source//+//}"
  done
}

check_shell() {
  find compose stacks/examples tests/bench tests/tools tests/vm .ci -type f -print0 | xargs -0 grep -lZ '^#!.*bash\|shellcheck shell=bash' | xargs -0 shellcheck -x -P SCRIPTDIR
}

main "$@"
