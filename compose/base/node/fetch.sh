#!/bin/sh
# Fetches packages of npm's registry with apt's own downloader, each held to the SHA-512 that the registry states: Debian's npm
# would bring some hundred packages for two files. fetch.sh <name@version> <file> ...
set -eu
get() { /usr/lib/apt/apt-helper -o APT::Sandbox::User=root download-file "$@"; }
registry=https://registry.npmjs.org
while [ $# -ge 2 ]; do
  name=${1%@*} version=${1##*@}
  get "$registry/$name/$version" "$2.json"
  stated=$(sed -n 's/.*"integrity": *"sha512-\([A-Za-z0-9+\/=]*\)".*/\1/p' "$2.json")
  [ -n "$stated" ] || { echo "the registry states no SHA-512 of $1" >&2 && exit 1; }
  get "$registry/$name/-/$name-$version.tgz" "$2"
  echo "$(printf %s "$stated" | base64 -d | od -An -v -tx1 | tr -d ' \n')  $2" | sha512sum --check
  shift 2
done
