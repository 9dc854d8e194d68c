#!/usr/bin/env bash
# Chooses which sources the linter looks at where there is no time for all of them: lint_choice.sh HISTORY NEEDS STALE TURN BOUND.
# Three quarters of BOUND go to what changed last, the rest to the next share of everything else, so that a tree that is checked
# commit after commit is seen whole. Prints the sources; says on stderr what it chose. The same files give the same choice.
#   HISTORY  paths newest first, a line "commit" in front of those of each commit
#   NEEDS    a line "source file" for each file of ours that a source reads, itself among them
#   STALE    the sources that did not pass as they are
#   TURN     a number that moves on from commit to commit
# A changed header brings in every source that reads it up to eight; beyond that only its own source, or the first that reads it:
# the linter looks into headers too, and a header that everybody reads would otherwise ask for everything.
set -euo pipefail
history=$1 needs=$2 stale=$3 turn=$4 bound=$5
all=$(wc -l <"$stale")
if ((all <= bound)); then
  cat "$stale"
  echo "linting all $all sources that did not pass as they are" >&2
  exit
fi

# "commits-ago place source", from the newest on; commits-ago is 999999 for what the history does not name.
order() {
  awk -v turn="$turn" -v share="$((bound - bound * 3 / 4))" '
    FILENAME == ARGV[1] { if ($1 == "commit") commits++; else if (!($1 in age)) age[$1] = commits + 0; next }
    FILENAME == ARGV[2] {
      readers[$2]++
      if (!($2 in first) || $1 < first[$2]) first[$2] = $1
      source[NR] = $1; file[NR] = $2; last = NR
      if (!from) from = NR
      next
    }
    { stale[++count] = $1; place[$1] = count }
    END {
      for (i = from; i <= last; i++) {
        if (!(file[i] in age) || !(source[i] in place)) continue
        stem = file[i]; sub(/\.[a-z]*$/, "", stem)
        own = stem ".cpp"
        witness = (own in place) ? own : first[file[i]]
        if (readers[file[i]] > 8 && source[i] != witness) continue
        if (!(source[i] in newest) || age[file[i]] < newest[source[i]]) newest[source[i]] = age[file[i]]
      }
      begin = (turn * share) % count
      for (i = 1; i <= count; i++)
        print (stale[i] in newest) ? newest[stale[i]] : 999999, (i - 1 - begin + count) % count, stale[i]
    }' "$history" "$needs" <(sort "$stale") | sort -n -k 1,1 -k 2,2
}

ordered=$(order)
changed=$((bound * 3 / 4))
{
  head -n "$changed" <<<"$ordered"
  # awk reads to the end: head would leave, and sort's SIGPIPE would end this script.
  tail -n "+$((changed + 1))" <<<"$ordered" | sort -n -k 2,2 | awk -v count="$((bound - changed))" 'NR <= count'
} | cut -d ' ' -f 3
since=$(sed -n "${changed}p" <<<"$ordered" | cut -d ' ' -f 1)
next=$(sed -n "$((changed + 1))p" <<<"$ordered" | cut -d ' ' -f 1)
# The commits whose changes are in whole.
if ((next > since)); then whole=$since; else whole=$((since - 1)); fi
echo "linting $bound of $all sources: the $changed that changed last (everything of the last $((whole > 0 ? whole : 0)) commits)," \
  "$((bound - changed)) as the share of commit $turn; make check lints all" >&2
