#!/usr/bin/env bash
# Measures live on cgroup v2: in a virtual machine with systemd and Docker, under Linux 6.1 and under a newer one, the tests of the sampler
# on real containers (figures equal to the cgroup's own files, a throttled container, known memory and CPU time), and a stack without a
# database through the daemon. Needs root and the Python base image; run.sh --shell leaves the machine running and prints how to get in.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../../compose/setup/lib.sh"
. "$here/../../compose/setup/packages.sh"
. "$here/../../compose/setup/bases.sh"
. "$here/machine.sh"

[ "$(id -u)" = 0 ] || die "a virtual machine's disk is made as root: run it as root"
"$here/../../compose/setup/build.sh" release cgroup_docker_test main_job_docker_test
vm_image

build=$ROOT/build/release
python=stackdyno/base-python-3.14
docker image inspect "$python" >/dev/null 2>&1 || die "no image $python: run make setup"
trap vm_stop EXIT
failed=0
for kernel in $(vm_kernels); do
  vm_start "$kernel"
  if [ "${1:-}" = --shell ]; then
    trap - EXIT
    note "ssh -i $VM/key -p $VM_PORT root@127.0.0.1; the machine ends with: kill $VM_PID"
    exit
  fi
  [ "$(vm_ssh stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] || die "the machine has no cgroup v2"
  # The tests know all that they need by the paths they were built at.
  tar -C / -cf - "${build#/}/tests/cgroup_docker_test" "${build#/}/tests/main_job_docker_test" "${build#/}/bin" "${ROOT#/}/compose" \
    "${ROOT#/}/tests/data/profiles" "${ROOT#/}/tests/data/stacks" | vm_ssh 'tar -C / -xf -'
  vm_ssh 'for ((tries = 0; tries < 150; tries++)); do docker info >/dev/null 2>&1 && exit; sleep 2; done; exit 1' ||
    die "Docker does not answer in the machine"
  # An emulated CPU is slow and keeps no time: what a test burns, what sampling costs and a flood of output are not judged there.
  filter='*'
  if [ "${VM_ACCEL:-kvm}" = tcg ]; then filter='-*.TellsBurnedCpuTime:*.CostsLittle:*.Row10SeesAFloodOfOutput'; fi
  vm_ssh "$build/tests/cgroup_docker_test" --gtest_filter="'$filter'" || failed=1
  docker save "$python" | vm_ssh 'docker load -q'
  vm_ssh "$build/tests/main_job_docker_test" --gtest_filter='MainJob.Row44*' || failed=1
  vm_stop
done
exit $failed
