#!/usr/bin/env bash
# Builds everything in a container of Debian 13, whose compiler, OpenSSL and libraries are newer, and runs the unit tests there:
# debian13.sh [ctest options]. The tree is given to the container as it is in git, the compiler's cache stays in the state folder.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../../compose/setup/lib.sh"
. "$here/../../compose/setup/packages.sh"

IMAGE=stackdyno/base-debian-trixie
NAME=stackdyno-debian13-$$

have docker || die "the docker client is needed: apt-get install docker.io"
docker image inspect "$IMAGE" >/dev/null 2>&1 || IMAGE=debian:trixie
trap 'docker rm -f "$NAME" >/dev/null 2>&1 || true' EXIT

# shellcheck disable=SC2086
docker create -i --name "$NAME" --label stackdyno.test=debian13 "$IMAGE" bash -euo pipefail -c '
  cd /tree
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q update >/dev/null
  apt-get -q install -y --no-install-recommends "$@" >/var/log/packages.log 2>&1 || { tail -n 20 /var/log/packages.log && exit 1; }
  cmake --preset release >/var/log/configure.log 2>&1 || { tail -n 30 /var/log/configure.log && exit 1; }
  cmake --build --preset release --target dynod dyno dyno-load dyno-exec tests_without_docker >/var/log/build.log 2>&1 ||
    { grep -m 5 "error:" /var/log/build.log | cut -c 1-400 || tail -n 30 /var/log/build.log; exit 1; }
  build/release/bin/dyno-load --version
  ctest --test-dir build/release -L unit -j "$(nproc)" --output-on-failure --no-tests=error
' -- $PACKAGES_RUN git python3 >/dev/null
git -C "$ROOT" archive --prefix=tree/ HEAD | docker cp - "$NAME":/
docker start -a "$NAME"
