#!/bin/sh
# Fetches a Go toolchain from the module proxy with apt's own downloader, holds it to what the checksum database says of it, and
# leaves it in a folder: Debian's Go would be unpacked for this alone. fetch.sh <version> <folder>
set -eu
get() { /usr/lib/apt/apt-helper -o APT::Sandbox::User=root download-file "$@"; }
proxy=https://proxy.golang.org
module=golang.org/toolchain version=v0.0.1-go$1.linux-amd64
get "$proxy/sumdb/sum.golang.org/lookup/$module@$version" stated
stated=$(sed -n "s|^$module $version h1:||p" stated)
[ -n "$stated" ] || { echo "the checksum database does not know $module $version" >&2 && exit 1; }
get "$proxy/$module/@v/$version.zip" toolchain.zip
unzip -q toolchain.zip
# The h1 of https://go.dev/ref/mod#go-sum-files: the SHA-256 of the lines that sha256sum writes of the files, by name.
is=$(find "${module%%/*}" -type f | LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum | openssl dgst -sha256 -binary | base64)
[ "$is" = "$stated" ] || { echo "$module $version is $is, and the checksum database has $stated" >&2 && exit 1; }
mv "$module@$version" "$2"
# A module has one go.mod, so those further down go by another name; `go` copies them back, too, when it fetches a toolchain.
find "$2" -name _go.mod -execdir cp '{}' go.mod ';'
