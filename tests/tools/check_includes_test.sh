#!/usr/bin/env bash
# Proves that check_includes.sh bites: each planted violation must be named, and clean sources must pass.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

plant() { # <file> <line>
  rm -rf "${tree:?}/daemon" "${tree:?}/runners"
  mkdir -p "$tree/daemon/base" "$tree/runners/load" "$tree/$(dirname "$1")"
  printf '#include "base/result.h"\n' >"$tree/daemon/base/result.cpp"
  printf '%s\n' "$2" >"$tree/$1"
}

bites() { # <file> <line> <words of the complaint>
  plant "$1" "$2"
  local said
  if said=$("$here/check_includes.sh" "$tree"); then
    echo "not noticed: $1: $2" && failed=1
  elif ! grep -qF -- "$1:1: " <<<"$said" || ! grep -qF -- "$3" <<<"$said"; then
    printf 'wrongly worded: %s: %s\n%s\n' "$1" "$2" "$said" && failed=1
  fi
}

passes() { # <file> <line>
  plant "$1" "$2"
  local said
  said=$("$here/check_includes.sh" "$tree") || { printf 'wrongly refused: %s: %s\n%s\n' "$1" "$2" "$said" && failed=1; }
}

bites daemon/model/run.h '#include "store/journal.h"' "model may not include store"
bites daemon/run/executor.cpp '#include "docker/docker_engine.h"' "run may not include docker"
bites daemon/api/router.h '#include "load/load_driver.h"' "api may not include load"
bites daemon/cli/main.cpp '#include "model/run.h"' "cli may not include model"
bites runners/load/main.cpp '#include "model/run.h"' "runners may not include model"
bites daemon/shared/text.h '// nothing' "module shared is not in the table"
bites daemon/run/plan.cpp '#include "plan.h"' "must name its module"
bites daemon/run/plan.cpp '#include <nlohmann/json.hpp>' "may be included only by"
bites daemon/api/handlers.cpp '#include <httplib.h>' "may be included only by: daemon/api/http_server.cpp"
bites daemon/docker/tar.cpp '#include <archive_entry.h>' "may be included only by"
bites daemon/base/text.cpp '#include <format>' "may be included only by: nobody"
bites daemon/base/text.cpp '#include <absl/strings/str_cat.h>' "a library the table does not know"
bites daemon/run/gate.cpp 'const auto t = std::chrono::steady_clock::now();' "real_clock is banned"
bites daemon/run/gate.cpp 'clock_gettime(CLOCK_MONOTONIC, &t);' "real_clock is banned"
bites daemon/run/gate.cpp 'clock_gettime(id, &t);' "real_clock is banned"
bites daemon/run/gate.cpp 'std::this_thread::sleep_for(1s);' "sleep is banned"
bites daemon/run/gate.cpp 'std::jthread worker_;' "thread is banned"
bites daemon/app/app.cpp 'worker.detach();' "detach is banned"
bites daemon/app/app.cpp 'system("true");' "shell is banned"
bites daemon/run/order.cpp 'std::random_device seed;' "randomness is banned"

bites daemon/run/gate.cpp 'std::ifstream in("/proc/stat");' "machine_files are banned"
bites daemon/app/app.cpp 'read(root + "/sys/devices/system/cpu/online");' "machine_files are banned"
bites daemon/run/sandbox.cpp 'fmt::format("no://", "/proc/{}/ns/net", pid);' "machine_files are banned"
bites daemon/app/app.cpp 'RealClock clock_;' "machine is banned"
bites daemon/run/gate.cpp 'sched_setaffinity(0, sizeof set, &set);' "machine is banned"
bites daemon/app/app.cpp 'clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);' "machine is banned"
bites daemon/app/app.cpp '#include "docker/docker_engine.h"' "app may not include docker"
bites daemon/app/app.cpp 'std::thread worker;' "thread is banned"

passes daemon/run/gate.cpp '// a steady_clock::now() in a comment, and "sleep_for" in a text, are free'
passes daemon/run/gate.cpp 'say("no sleep_for here");'
passes daemon/run/gate.cpp 'using Stamp = std::thread::id;'
passes daemon/base/clock.cpp 'clock_gettime(CLOCK_MONOTONIC, &t);'
passes daemon/host/local_host.cpp 'clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);'
passes daemon/host/topology.cpp 'read("/sys/devices/system/cpu/online");'
passes daemon/run/gate.cpp 'f(x);  // "/proc/stat" in a comment'
passes daemon/api/routes.cpp 'serve("/api/v1/system/processes");'
passes daemon/docker/engine_api.cpp '#include <nlohmann/json.hpp>'
passes runners/load/pacer.cpp '#include "runners/load/load_spec.h"'
passes runners/load/socket.cpp '#include <sys/epoll.h>'

[ "$failed" = 0 ] && echo "check_includes.sh notices each of the planted violations"
exit "$failed"
