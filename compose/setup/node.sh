# shellcheck shell=bash
# A Node fit for building the page and running its tests: the host's, else one taken out of a base image.

# Vite 8 asks for ^20.19 or >= 22.12.
node_is_fit() {
  local version major minor
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  { [ "$major" = 20 ] && [ "$minor" -ge 19 ]; } || { [ "$major" = 22 ] && [ "$minor" -ge 12 ]; } || [ "$major" -ge 23 ]
}

# Puts a fit node and npm first on the PATH.
use_node() {
  if have node && have npm && node_is_fit node; then return; fi
  node_is_fit "$STATE/tools/node/bin/node" || fetch_node
  PATH=$STATE/tools/node/bin:$PATH
  # npm's own list of authorities leaves out the host's.
  export PATH NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
}

fetch_node() {
  local image id
  for image in node:26-slim stackdyno/base-node-26; do image_exists "$image" && break; done
  image_exists "$image" || make_stand_ins "$image"
  say "taking Node out of $image, for the dashboard (into $STATE/tools/node)"
  id=$(engine /containers/create -f -H 'Content-Type: application/json' \
    -d "{\"Image\":\"$image\",\"Cmd\":[\"true\"],\"Labels\":{\"stackdyno.setup\":\"node\"}}" |
    sed -n 's/.*"Id":"\([0-9a-f]*\)".*/\1/p')
  [ -n "$id" ] || die "no container could be made from $image"
  rm -rf "$STATE/tools/node"
  mkdir -p "$STATE/tools/node/bin" "$STATE/tools/node/lib/node_modules"
  engine "/containers/$id/archive?path=/usr/local/bin/node" -f | tar -x -C "$STATE/tools/node/bin" --no-same-owner
  engine "/containers/$id/archive?path=/usr/local/lib/node_modules/npm" -f |
    tar -x -C "$STATE/tools/node/lib/node_modules" --no-same-owner
  engine "/containers/$id?v=1&force=1" -X DELETE -o /dev/null
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$STATE/tools/node/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$STATE/tools/node/bin/npx"
  node_is_fit "$STATE/tools/node/bin/node" ||
    die "the Node of $image does not run here: $("$STATE/tools/node/bin/node" --version 2>&1 | head -n 1)"
}

# install_modules <folder>: npm ci, only where the lock file changed.
install_modules() {
  local stamp
  stamp=$1/node_modules/.installed-from
  [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$(lock_hash "$1")" ] && return
  say "installing the npm packages of ${1#"$ROOT"/}"
  mkdir -p "$STATE/log"
  (cd "$1" && npm ci --no-audit --no-fund --loglevel=error) >"$STATE/log/npm.log" 2>&1 ||
    { head -n 20 "$STATE/log/npm.log" >&2 && die "npm ci in ${1#"$ROOT"/} failed, see $STATE/log/npm.log"; }
  lock_hash "$1" >"$stamp"
}

lock_hash() { { cat "$1/package-lock.json" && node --version; } | sha256sum | cut -d ' ' -f 1; }
