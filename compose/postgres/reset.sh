#!/bin/sh
# As at the beginning: sessions ended, the database made anew from its template, every table read and its rows counted,
# everything written out, statistics at zero. BENCH_USERS, the rows of users, names the template.
# BENCH_VARIANT=users_without_index takes the keys of that table away, so that each look-up reads all of it.
set -eu
here=$(dirname "$0")
export PGPASSWORD="$ADMIN_PASSWORD" PGHOST=127.0.0.1 PGCONNECT_TIMEOUT=2
sql() { psql --no-psqlrc --quiet --tuples-only --no-align --output=/dev/null --set ON_ERROR_STOP=1 --username=postgres "$@"; }

sql --dbname=postgres --command='ALTER ROLE bench LOGIN' --command='DROP DATABASE IF EXISTS bench WITH (FORCE)' \
  --command="CREATE DATABASE bench TEMPLATE template_$BENCH_USERS STRATEGY file_copy"
if [ "${BENCH_VARIANT:-}" = users_without_index ]; then
  sql --dbname=bench --command='ALTER TABLE users DROP CONSTRAINT users_pkey, DROP CONSTRAINT users_email_key'
fi
sh "$here/ready.sh" "$BENCH_USERS"
sql --dbname=postgres --command='CHECKPOINT' --command='SELECT pg_stat_statements_reset()'
