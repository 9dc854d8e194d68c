# shellcheck shell=bash
# A Docker engine that answers: the one that is there, else Debian's, started as a service would be.
# Our clean-up never stops it.

# The packages to install, none where an engine or its program is already there. The engine loads a profile into a kernel that has
# AppArmor with a program that a minimal Debian lacks: without it every container fails.
docker_packages() {
  if kernel_has_apparmor && ! have_apparmor_parser; then echo apparmor; fi
  if engine_answers || have_dockerd; then return; fi
  echo docker.io
}

kernel_has_apparmor() { [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; }

have_apparmor_parser() { have apparmor_parser || [ -x /sbin/apparmor_parser ] || [ -x /usr/sbin/apparmor_parser ]; }

have_dockerd() { [ -x /usr/bin/dockerd ] || [ -x /usr/local/bin/dockerd ] || [ -x /usr/sbin/dockerd ]; }

refuse_a_forbidden_engine() {
  engine_forbidden || return 0
  die "a Docker engine listens at $ENGINE_SOCKET, but $(id -un) may not talk to it: join the group" \
    "$(stat -c %G "$ENGINE_SOCKET") (sudo usermod -aG $(stat -c %G "$ENGINE_SOCKET") $(id -un), then log in anew)"
}

ensure_engine() {
  engine_answers || start_engine
  try_a_container
}

start_engine() {
  [ -z "${DOCKER_HOST:-}" ] || die "DOCKER_HOST is $DOCKER_HOST and no engine answers there"
  have_dockerd || die "no Docker engine answers at $ENGINE_SOCKET and no dockerd is installed"
  need_root "starting the Docker engine"
  if [ -d /run/systemd/system ]; then
    say "starting the Docker engine (systemctl enable --now docker)"
    as_root systemctl enable --now docker >"$STATE/log/dockerd.log" 2>&1 || true
  else
    start_dockerd
  fi
  wait_for_engine
}

start_dockerd() {
  say "starting the Docker engine in the background (log in $STATE/log/dockerd.log)"
  mount_cgroups
  wait_for_old_engine
  # shellcheck disable=SC2016
  as_root sh -c 'exec setsid dockerd >>"$1" 2>&1 </dev/null &' sh "$STATE/log/dockerd.log"
}

# Without systemd nobody may have mounted them.
mount_cgroups() {
  [ -e /sys/fs/cgroup/cgroup.controllers ] && return
  [ -n "$(ls -A /sys/fs/cgroup 2>/dev/null)" ] && return
  ensure_packages cgroupfs-mount
  as_root cgroupfs-mount >>"$STATE/log/dockerd.log" 2>&1 || warn "the cgroup file systems could not be mounted; the engine may refuse to start"
}

# An engine does not start while the process of an old pid file lives, not even as a zombie. The file is never ours to delete.
wait_for_old_engine() {
  local pid tries
  pid=$(cat /var/run/docker.pid 2>/dev/null) || return 0
  for ((tries = 0; tries < 20; tries++)); do
    [ -d "/proc/$pid" ] || return 0
    sleep 0.5
  done
  warn "process $pid of /var/run/docker.pid still exists: the engine may refuse to start"
}

wait_for_engine() {
  local deadline=$((SECONDS + 60))
  until engine_answers; do
    if ((SECONDS >= deadline)); then
      tail -n 20 "$STATE/log/dockerd.log" >&2 || true
      die "the Docker engine did not answer within 60 s: $(guess_engine_fault)"
    fi
    sleep 0.2
  done
}

# An engine can answer and still be unable to start anything. The image is this machine's own `true` with its libraries, so that
# neither a registry nor a base image is needed.
try_a_container() {
  local program name=stackdyno/tries-a-container container reply
  program=$(command -v true | grep / || echo /bin/true)
  reply=$({ echo "$program" && ldd "$program" | grep -o '/[^ ]*'; } | tar -C / --dereference -c -T - -P --transform 's,^/,,' 2>/dev/null |
    engine "/images/create?fromSrc=-&repo=$name&tag=latest" -X POST -H 'Content-Type: application/x-tar' -T -) ||
    die "the Docker engine took no image: $reply"
  reply=$(engine /containers/create -X POST -H 'Content-Type: application/json' \
    -d "{\"Image\":\"$name\",\"Cmd\":[\"$program\"],\"NetworkDisabled\":true,\"Labels\":{\"stackdyno.setup\":\"try\"}}")
  container=$(sed -n 's/.*"Id":"\([0-9a-f]*\)".*/\1/p' <<<"$reply")
  if [ -n "$container" ]; then
    reply=$(engine "/containers/$container/start" -X POST)$(engine "/containers/$container/wait" -X POST -m 30)
    engine "/containers/$container?force=true" -X DELETE -o /dev/null || true
  fi
  engine "/images/$name?force=true" -X DELETE -o /dev/null || true
  [[ $reply =~ ^\{[^{]*\"StatusCode\":0[^0-9] ]] || die "the Docker engine answers, and cannot run a container: $reply"
}

guess_engine_fault() {
  local log=$STATE/log/dockerd.log
  case $(tail -n 50 "$log" 2>/dev/null) in
    *"no space left"*) echo "the disk is full" ;;
    *iptables* | *nftables*) echo "iptables is missing, or the kernel has not its backend (try update-alternatives --set iptables /usr/sbin/iptables-legacy)" ;;
    *"Devices cgroup isn't mounted"* | *cgroup*) echo "the cgroup file systems are not mounted" ;;
    *"operation not permitted"* | *"permission denied"*) echo "this looks like an unprivileged container, where no engine can run" ;;
    *"pid file found"*) echo "another engine's pid file, /var/run/docker.pid, names a living process" ;;
    *) echo "its last lines are above" ;;
  esac
}
