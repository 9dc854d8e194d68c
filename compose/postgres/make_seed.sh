#!/bin/sh
# Runs at image build as postgres: initdb, the tables, and one template database for each number of users.
set -eu
here=$(dirname "$0")
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -n 1)")
data=/seed/data
export PGHOST=/tmp

"$bin/initdb" --pgdata="$data" --username=postgres --encoding=UTF8 --locale=C.UTF-8 --auth-local=peer \
  --auth-host=scram-sha-256 --data-checksums > /dev/null
echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"

"$bin/pg_ctl" --pgdata="$data" --wait --silent --log=/tmp/seed.log \
  -o "-c listen_addresses='' -c unix_socket_directories=/tmp -c shared_preload_libraries=pg_stat_statements -c fsync=off" start
sql() { "$bin/psql" --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"; }

sql --dbname=postgres --file="$here/roles.sql"
for users in 10000 100000; do
  sql --dbname=postgres --command="CREATE DATABASE template_$users"
  sql --dbname="template_$users" --set users="$users" --file="$here/seed.sql"
  sql --dbname=postgres --command="ALTER DATABASE template_$users IS_TEMPLATE true"
done
sql --dbname=postgres --command='CREATE DATABASE bench TEMPLATE template_10000' --command='CHECKPOINT'
"$bin/pg_ctl" --pgdata="$data" --wait --silent --mode=fast stop
rm -f /tmp/seed.log
