#!/usr/bin/env bash
# What `cmake --install` puts where shells and man look for it: check_install.sh <build folder>. The build has dyno-load already.
set -euo pipefail
build=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT

cmake --install "$build" --prefix "$prefix" >/dev/null
found=$(cd "$prefix" && find . -type f | sort)
expected="./bin/dyno-load
./share/bash-completion/completions/dyno-load
./share/fish/vendor_completions.d/dyno-load.fish
./share/man/man1/dyno-load.1
./share/zsh/site-functions/_dyno-load"
[ "$found" = "$expected" ] || { printf 'installed are:\n%s\ninstead of:\n%s\n' "$found" "$expected" && exit 1; }

program=$prefix/bin/dyno-load
"$program" --version | grep -q '^dyno-load [0-9]'
cmp "$prefix/share/man/man1/dyno-load.1" "$root/daemon/docs/dyno-load.1"
cmp "$prefix/share/bash-completion/completions/dyno-load" <("$program" --completion bash)
cmp "$prefix/share/zsh/site-functions/_dyno-load" <("$program" --completion zsh)
cmp "$prefix/share/fish/vendor_completions.d/dyno-load.fish" <("$program" --completion fish)

complete_with_bash() { # <word under the cursor>
  bash -c '. "$0" && COMP_WORDS=(dyno-load "$1") COMP_CWORD=1 && _dyno_load && echo "${COMPREPLY[*]}"' \
    "$prefix/share/bash-completion/completions/dyno-load" "$1"
}
[ "$(complete_with_bash --transp)" = --transport ] || { echo "bash completes --transp as: $(complete_with_bash --transp)" && exit 1; }
if command -v man >/dev/null; then
  said=$(man -P cat --warnings "$prefix/share/man/man1/dyno-load.1" 2>&1 >/dev/null) || said="man: exit code $?"
  [ -z "$said" ] || { printf '%s\n' "$said" && exit 1; }
fi
echo "the program, its page of man and completions for three shells are installed"
