#!/usr/bin/env bash
# The tests behind `make test` (build check plain web browser examples), `make test-sanitized` (asan tsan) and `make test-nightly` (all
# of them, and those that take long): run_tests.sh [suite...].
# A line per suite, what was skipped and why, what took the time, and as the last line the count of them all: "N passed, N failed,
# N skipped".
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
. "$here/../../compose/setup/lib.sh"
. "$here/../../compose/setup/engine.sh"
. "$here/../../compose/setup/bases.sh"
. "$here/../../compose/setup/node.sh"

LOGS=$STATE/log/tests
total_passed=0 total_failed=0 total_skipped=0 suite_started=0 times=
# For the suite that soaks alone: the short soak among all tests would take as long, and has two minutes.
soak_minutes=${DYNO_SOAK_MINUTES:-60}
unset DYNO_SOAK_MINUTES

main() {
  local suite
  cd "$ROOT"
  mkdir -p "$LOGS"
  [ $# -gt 0 ] || set -- build check plain web browser examples
  for suite; do
    say "$suite"
    suite_started=$SECONDS
    case $suite in
      build) suite_build ;;
      check) suite_check --part ;;
      check-all) suite_check ;;
      plain) suite_ctest release '' "unit, contract, integration, docker" ;;
      asan) suite_ctest asan 'unit|integration' "address and undefined behaviour sanitizers" ;;
      tsan) suite_ctest tsan 'unit|integration' "thread sanitizer" ;;
      web) suite_web ;;
      browser) suite_browser ;;
      fuzz) suite_fuzz ;;
      examples) suite_clients "generated requests" --stored ./run.sh examples ;;
      options) suite_script options "random command lines of dyno-load" "$here/option_lines.sh" ;;
      clients) EXAMPLES=30 suite_clients "generated requests" --stored ./run.sh examples
        suite_clients "generated clients" ./run.sh ;;
      cron) suite_script cron "due times of 21 years, and beside other programs" "$here/cron_peers.sh" ;;
      crashes) suite_program crashes "crashes in every step of a recovery" seams_test 'ResumeSeam.*' DYNO_CRASH_DEEP=1 ;;
      disk) suite_program disk "a disk that fails at every call" storage_faults_test '*' DYNO_CRASH_DEEP=1 ;;
      kills) suite_program kills "500 kills of real runs" kill_docker_test '*' DYNO_KILLS=500 ;;
      engines) suite_program engines "real engines killed and stopped" private_engine_docker_test '*' DYNO_ENGINE_RESTARTS=5 ;;
      services) suite_program services "every example built and measured" examples_docker_test '*AllAreMeasured*' DYNO_EXAMPLES=1 ;;
      soak) suite_program soak "runs back to back for $soak_minutes min" app_integration_test '*NothingGrows*' "DYNO_SOAK_MINUTES=$soak_minutes" ;;
      debian13) suite_debian13 ;;
      vm) suite_vm ;;
      *) die "no such suite: $suite" ;;
    esac
    times+=", $suite $((SECONDS - suite_started)) s"
  done
  echo
  note "$SECONDS s: ${times#, }"
  echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
  [ "$total_failed" = 0 ]
}

count() { # <passed> <failed> <skipped> <what>
  note "$4: $1 passed, $2 failed, $3 skipped ($((SECONDS - suite_started)) s)"
  total_passed=$((total_passed + $1))
  total_failed=$((total_failed + $2))
  total_skipped=$((total_skipped + $3))
}

# Builds what the others need, so that the time of each is its own.
suite_build() {
  if "$ROOT/compose/setup/build.sh" release; then
    note "release build ($((SECONDS - suite_started)) s)"
  else
    count 0 1 0 "release build"
  fi
}

suite_check() { # [--part]
  "$here/check.sh" "$@" >"$LOGS/check.log" 2>&1 || true
  grep -v ' passed, ' "$LOGS/check.log" || true
  local line
  line=$(tail -n 1 "$LOGS/check.log")
  [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]] || { count 0 1 0 "checks broke off" && return; }
  count "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}" "formatter, linter, shell"
}

suite_ctest() { # <preset> <labels, or empty for all> <what>
  local log=$LOGS/$1.log junit=$LOGS/$1.xml passed failed skipped status=0
  if ! "$ROOT/compose/setup/build.sh" "$1" ${2:+tests_without_docker}; then
    count 0 1 0 "building $1"
    return
  fi
  rm -f "$junit"
  ctest --test-dir "build/$1" ${2:+-L "$2"} -j "$(nproc)" --output-on-failure --no-tests=error --output-junit "$junit" >"$log" 2>&1 || status=$?
  if [ ! -s "$junit" ]; then
    tail -n 20 "$log"
    count 0 1 0 "$3: ctest broke off"
    return
  fi
  failed=$(junit_attribute failures "$junit")
  skipped=$(($(junit_attribute skipped "$junit") + $(junit_attribute disabled "$junit")))
  passed=$(($(junit_attribute tests "$junit") - failed - skipped))
  # Nothing may fail without being counted.
  if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
  if [ "$failed" != 0 ]; then failures_of "$log"; fi
  if [ "$skipped" != 0 ]; then skips_of "$log"; fi
  count "$passed" "$failed" "$skipped" "$3"
}

# The attribute of the first testsuite of a JUnit file; each attribute stands on a line of its own or beside the others.
junit_attribute() { tr '\n\t' '  ' <"$2" | grep -o '<testsuite [^>]*>' | head -n 1 | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" | grep . || echo 0; }

failures_of() {
  grep -E '^[^ ]*:[0-9]+: Failure|ERROR: (Address|Thread|Leak)Sanitizer|runtime error:|WARNING: ThreadSanitizer' "$1" | sort | uniq -c | head -n 20 || true
  sed -n '/The following tests FAILED:/,$p' "$1" | head -n 60
  note "all of it: $1"
}

skips_of() { sed -n '/The following tests did not run:/,/^$/p' "$1" | sed 's/^[\t ]*[0-9]* - /SKIPPED: /' | grep SKIPPED || true; }

suite_web() {
  if [ ! -e web/package-lock.json ]; then
    echo "SKIPPED: web, because web/package-lock.json is missing" && count 0 0 1 "dashboard, unit"
    return
  fi
  local log=$LOGS/web.log junit=$LOGS/web.xml failed status=0 tests skipped
  rm -f "$junit"
  use_node
  (install_modules "$ROOT/web") || { count 0 1 0 "installing the npm packages of web" && return; }
  "$ROOT/compose/setup/web.sh" || { count 0 1 0 "building the dashboard" && return; }
  (cd web && npm test --silent -- --reporter=default --reporter=junit --outputFile.junit="$junit") >"$log" 2>&1 || status=$?
  # The type checker and the linter come first and write no report.
  if [ ! -s "$junit" ]; then
    tail -n 30 "$log"
    count 0 1 0 "dashboard, unit"
    return
  fi
  tests=$(grep -c '<testcase ' "$junit" || true)
  failed=$(grep -c '<failure' "$junit" || true)
  skipped=$(grep -c '<skipped' "$junit" || true)
  if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1 tests=$((tests + 1)); fi
  if [ "$failed" != 0 ]; then tail -n 60 "$log"; fi
  count $((tests - failed - skipped)) "$failed" "$skipped" "dashboard, unit"
}

suite_browser() {
  if [ ! -e tests/browser/package-lock.json ]; then
    echo "SKIPPED: browser, because tests/browser/package-lock.json is missing" && count 0 0 1 "browser"
    return
  fi
  if ! have chromium; then
    echo "SKIPPED: browser, because chromium is not installed" && count 0 0 1 "browser"
    return
  fi
  use_node
  (install_modules "$ROOT/tests/browser") || { count 0 1 0 "installing the npm packages of tests/browser" && return; }
  node_tests mock "browser, against a mock of the API"
  node_tests stored "browser, against dynod on a stored database"
  node_tests e2e "browser, end to end through Docker"
}

# node_tests <folder of tests/browser> <what>: Node's own test runner counts at the end of what it prints.
node_tests() {
  local log=$LOGS/browser-$1.log status=0 passed failed skipped
  if ! compgen -G "tests/browser/$1/*.test.*" >/dev/null; then
    echo "SKIPPED: $2, because tests/browser/$1 holds no test" && count 0 0 1 "$2"
    return
  fi
  (cd tests/browser && node --test --test-concurrency=1 --test-reporter=tap "$1"/*.test.*) >"$log" 2>&1 || status=$?
  passed=$(node_count pass "$log")
  skipped=$(node_count skipped "$log")
  failed=$(($(node_count fail "$log") + $(node_count cancelled "$log")))
  if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
  if [ "$failed" != 0 ]; then grep -A 25 '^ *not ok' "$log" | head -n 80 || tail -n 30 "$log"; fi
  grep -E '# SKIP' "$log" | sed 's/^ *ok [0-9]* - /SKIPPED: /' || true
  count "$passed" "$failed" "$skipped" "$2"
}

# A target counts as a test: found nothing, or found something.
suite_fuzz() {
  local log=$LOGS/fuzz.log status=0 passed
  if ! have clang++-14; then
    echo "SKIPPED: fuzz, because clang++-14 is not installed" && count 0 0 1 "parsers, fuzzed"
    return
  fi
  tests/fuzz/run.sh 1 >"$log" 2>&1 || status=$?
  passed=$(grep -c '^| fuzz_' "$log" || true)
  if [ "$status" != 0 ]; then tail -n 40 "$log"; fi
  count "$passed" "$((status != 0))" 0 "parsers, fuzzed"
}

suite_clients() { # <what> [--stored] ./run.sh [check]...
  local log=$LOGS/clients.log status=0 passed failed what=$1
  shift
  if ! have docker; then
    echo "SKIPPED: $what, because the docker client is not installed" && count 0 0 1 "$what"
    return
  fi
  use_node
  (cd tests/clients && node with_daemon.js "$@") >"$log" 2>&1 || status=$?
  if [ "$status" != 0 ]; then tail -n 60 "$log"; fi
  passed=$(sed -n 's/^\([0-9]*\) passed, .*/\1/p' "$log")
  failed=$(sed -n 's/^[0-9]* passed, \([0-9]*\) failed$/\1/p' "$log")
  count "${passed:-0}" "${failed:-1}" 0 "$what"
}

# A script that is one check: suite_script <name of its log> <what> <script>
suite_script() {
  local log=$LOGS/$1.log status=0
  "$3" >"$log" 2>&1 || status=$?
  if [ "$status" != 0 ]; then tail -n 40 "$log"; fi
  count "$((status == 0))" "$((status != 0))" 0 "$2"
}

# A program of the release build, as long as its environment says: suite_program <name of its log> <what> <program> <filter> <NAME=value>...
suite_program() {
  local log=$LOGS/$1.log what=$2 program=$ROOT/build/release/tests/$3 filter=$4 status=0 passed failed skipped
  shift 4
  env "$@" "$program" --gtest_filter="$filter" >"$log" 2>&1 || status=$?
  passed=$(grep -c '^\[       OK \] .* ms)$' "$log" || true)
  failed=$(grep -c '^\[  FAILED  \] .* ms)$' "$log" || true)
  skipped=$(grep -c '^\[  SKIPPED \] .* ms)$' "$log" || true)
  # A filter that names nothing must not pass.
  if [ "$failed" = 0 ] && { [ "$status" != 0 ] || [ $((passed + skipped)) = 0 ]; }; then failed=1; fi
  if [ "$failed" != 0 ]; then tail -n 60 "$log"; fi
  grep -E '^\[ (KILLS|CRASHES|SOAK) +\]|Skipped$' -A 1 "$log" | grep -v -e '^--$' -e '^\[  SKIPPED' || true
  count "$passed" "$failed" "$skipped" "$what"
}

suite_debian13() {
  local what="Debian 13, built and its unit tests"
  if ! have docker; then
    echo "SKIPPED: $what, because the docker client is not installed" && count 0 0 1 "$what"
    return
  fi
  suite_script debian13 "$what" "$here/debian13.sh"
}

suite_vm() {
  local what="cgroup v2 in a virtual machine"
  if [ "$(id -u)" != 0 ]; then
    echo "SKIPPED: $what, because a virtual machine's disk is made as root" && count 0 0 1 "$what"
    return
  fi
  suite_script vm "$what" "$ROOT/tests/vm/run.sh"
}

node_count() { sed -n "s/^# $1 \([0-9]*\)\$/\1/p" "$2" | tail -n 1 | grep . || echo 0; }

main "$@"
