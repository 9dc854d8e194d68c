#!/bin/sh
# Copies the seed to PGDATA (a folder on a tmpfs), sets the passwords of this run, and becomes the server.
# BENCH_PASSWORD and ADMIN_PASSWORD are letters and digits; arguments are passed on: -c name=value.
set -eu
: "${BENCH_PASSWORD:?}" "${ADMIN_PASSWORD:?}"
case "$BENCH_PASSWORD$ADMIN_PASSWORD" in *[!A-Za-z0-9_-]*) echo 'a password may hold letters, digits, _ and - only' >&2; exit 1 ;; esac
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/postgres | tail -n 1)")
PGDATA=${STACKDYNO_PGDATA:-/data/pg}
mkdir -p "$PGDATA"
chmod 700 "$PGDATA"
cp -a /seed/data/. "$PGDATA"/

# Single-user mode, so that nobody can come in before the passwords are set.
printf "ALTER ROLE bench PASSWORD '%s';\nALTER ROLE postgres PASSWORD '%s';\n" "$BENCH_PASSWORD" "$ADMIN_PASSWORD" |
  "$bin/postgres" --single -D "$PGDATA" postgres > /dev/null
unset BENCH_PASSWORD ADMIN_PASSWORD

exec "$bin/postgres" -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp \
  -c shared_preload_libraries=pg_stat_statements "$@"
