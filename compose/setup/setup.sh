#!/usr/bin/env bash
# Makes this machine able to build and run stackdyno (setup.sh run), also to test it (setup.sh test), or to run the variants
# of the stacks, too, whose base images are other versions (setup.sh variants); setup.sh engine leaves the base images out.
# Safe to repeat: a second call finds everything in place and takes seconds.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/lib.sh"
. "$here/packages.sh"
. "$here/engine.sh"
. "$here/docker.sh"
. "$here/bases.sh"

case ${1:-run} in
  run | test | variants | engine) purpose=${1:-run} ;;
  *) die "usage: setup.sh [run|test|variants|engine]" ;;
esac

check_debian
mkdir -p "$STATE/log"
refuse_a_forbidden_engine
# One list, so that everything to be installed is said at once.
# shellcheck disable=SC2046,SC2086
if [ "$purpose" = test ]; then
  ensure_packages $PACKAGES_RUN $PACKAGES_TEST $(offered_packages) $(docker_packages)
else
  ensure_packages $PACKAGES_RUN $(docker_packages)
fi
ensure_engine
case $purpose in
  engine) ;;
  variants) ensure_bases variants ;;
  *) ensure_bases ;;
esac
