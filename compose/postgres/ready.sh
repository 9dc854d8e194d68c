#!/bin/sh
# Exit code 0 once a stack can work: TCP, login as bench, and the rows that were sown. ready.sh [rows of users].
set -eu
export PGPASSWORD="$BENCH_PASSWORD" PGCONNECT_TIMEOUT=2
want="10000|${1:-10000}|12|200"
got=$(psql --no-psqlrc --quiet --tuples-only --no-align --host=127.0.0.1 --username=bench --dbname=bench --command="
  SELECT (SELECT count(*) FROM world), (SELECT count(*) FROM users),
         (SELECT count(*) FROM fortune), (SELECT count(*) FROM fortune200)")
[ "$got" = "$want" ] || { echo "rows of world, users, fortune and fortune200: $got, not $want" >&2; exit 1; }
