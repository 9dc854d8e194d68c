# shellcheck shell=bash
# shellcheck disable=SC2034
# Debian packages: what building and running need, what only the tests need, and how both get here.

PACKAGES_RUN="ca-certificates curl mmdebstrap g++ cmake ninja-build pkg-config tzdata sqlite3
  libfmt-dev libspdlog-dev libexpected-dev nlohmann-json3-dev libyaml-cpp-dev libcurl4-openssl-dev
  libsqlitecpp-dev libsqlite3-dev libcli11-dev libhowardhinnant-date-dev libboost-dev libssl-dev
  zlib1g-dev libbrotli-dev libarchive-dev libzstd-dev liburing-dev libnghttp2-dev libre2-dev libcpp-httplib-dev
  libgtest-dev libgmock-dev"
PACKAGES_TEST="chromium python3 shellcheck iproute2"
# The pinned linter and formatter; a Debian without them runs the other checks and says what it skipped.
PACKAGES_TEST_WHERE_OFFERED="clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev libfuzzer-14-dev"

check_debian() {
  local ID='' VERSION_ID='' PRETTY_NAME='an unknown system'
  # shellcheck disable=SC1091
  [ -r /etc/os-release ] && . /etc/os-release
  [ "$ID" = debian ] || die "this set-up knows Debian 12 and newer only, and this is $PRETTY_NAME"
  [ "${VERSION_ID:-99}" -ge 12 ] || die "Debian 12 is the oldest that has the libraries we need, and this is $PRETTY_NAME"
  [ "$(dpkg --print-architecture)" = amd64 ] || die "only amd64 is supported, and this is $(dpkg --print-architecture)"
}

is_installed() { [ "$(dpkg-query -W -f '${Status}' "$1" 2>/dev/null)" = "install ok installed" ]; }

# Not a pipe into grep -q: that ends at the first match, apt-cache dies of the broken pipe, and pipefail calls the package missing.
is_offered() {
  local policy
  policy=$(apt-cache policy "$1" 2>/dev/null)
  [[ $policy =~ Candidate:\ [0-9] ]]
}

# ensure_packages <name>...: installs what is missing, after saying so.
ensure_packages() {
  local name missing=()
  for name in "$@"; do is_installed "$name" || missing+=("$name"); done
  [ ${#missing[@]} = 0 ] && return
  say "installing ${#missing[@]} Debian packages (with what they depend on):"
  printf '%s\n' "${missing[*]}" | fold -s -w 100 | sed 's/^/    /'
  need_root "installing packages"
  apt_get update
  apt_get install -y --no-install-recommends "${missing[@]}"
}

# Those of the optional packages that this Debian offers; on a fresh machine the lists that say so are not there yet.
offered_packages() {
  local name
  [ -n "$(apt-cache dumpavail 2>/dev/null | head -c 1000 || true)" ] || apt_get update
  for name in $PACKAGES_TEST_WHERE_OFFERED; do
    if is_installed "$name" || is_offered "$name"; then echo "$name"; fi
  done
}

apt_get() {
  mkdir -p "$STATE/log"
  # Another apt may hold the lock: wait for it instead of failing.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" >"$STATE/log/apt.log" 2>&1 ||
    { tail -n 20 "$STATE/log/apt.log" >&2 && die "apt-get $1 failed, see $STATE/log/apt.log"; }
}
