#!/usr/bin/env bash
# Proves lint_choice.sh on a made-up tree: what changed comes first, headers bring in their readers, every source has its turn.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cd "$tree"
failed=0

# 40 sources s00 … s39; each reads itself and wide.h; s10 and s11 read narrow.h; s20 reads s20.h.
for i in $(seq -w 0 39); do
  echo "s$i.cpp" >>stale
  printf 's%s.cpp s%s.cpp\ns%s.cpp wide.h\n' "$i" "$i" "$i" >>needs
done
printf 's10.cpp narrow.h\ns11.cpp narrow.h\ns20.cpp s20.h\n' >>needs

choice() { "$here/lint_choice.sh" history needs stale "$1" "$2" 2>said; }
expect() { # <what> <expected> <got>
  [ "$2" = "$3" ] || { printf '%s: expected "%s", got "%s"\n' "$1" "$2" "$3" && failed=1; }
}

printf 'commit\ns30.cpp\ncommit\nnarrow.h\ns20.h\ncommit\nwide.h\ncommit\ns05.cpp\n' >history
expect "newest first" "s30.cpp s10.cpp s11.cpp s20.cpp s00.cpp s05.cpp" "$(choice 0 8 | head -n 6 | paste -s -d ' ')"
expect "the words" "linting 8 of 40 sources: the 6 that changed last (everything of the last 4 commits), 2 as the share of commit 0; make check lints all" "$(cat said)"
choice 0 4 >/dev/null
expect "a commit cut in two is not called whole" "linting 4 of 40 sources: the 3 that changed last (everything of the last 1 commits), 1 as the share of commit 0; make check lints all" "$(cat said)"
expect "not yet committed" "s07.cpp" "$(printf 's07.cpp\n' | cat - history >h && mv h history && choice 3 4 | head -n 1)"
expect "twice the same" "$(choice 5 8)" "$(choice 5 8)"

# Every source has its turn, in as many commits as there are shares, with any history and with none.
for history in "commit s30.cpp" "commit $(paste -s -d ' ' stale)" ""; do
  # shellcheck disable=SC2086
  printf '%s\n' $history >history
  for turn in $(seq 0 19); do choice "$turn" 8; done | sort -u >seen
  expect "sources seen over 20 commits" 40 "$(wc -l <seen)"
done

head -n 5 stale >few && mv few stale
expect "all, where they are few" 5 "$(choice 0 8 | wc -l)"

[ "$failed" = 0 ] && echo "lint_choice.sh chooses as it says"
exit "$failed"
