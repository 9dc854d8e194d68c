#!/bin/sh
# What the daemon does behind a stack's back, to see that the stack's answers come from here: verify.sh <what> [arguments].
# Stacks log in as bench; all of this is done as postgres.
set -eu
export PGPASSWORD="$ADMIN_PASSWORD" PGHOST=127.0.0.1 PGCONNECT_TIMEOUT=2

# Reads SQL from its input; its arguments, name=value, become variables there.
sql() {
  for pair in "$@"; do
    set -- "$@" --set "$pair"
    shift
  done
  psql --no-psqlrc --quiet --tuples-only --no-align --field-separator=' ' --set ON_ERROR_STOP=1 --username=postgres \
    --dbname=bench "$@"
}

# Forgets what was counted.
watch() { echo 'SELECT pg_stat_statements_reset();' | sql > /dev/null; }

# What bench has asked since: `read <table> <calls> <rows>`, `write …`, `other <calls> <text>`; and `connections <now>`.
audit() {
  sql << 'END'
WITH seen AS (
  SELECT calls, rows, trim(regexp_replace(query, '\s+', ' ', 'g')) AS query
  FROM pg_stat_statements
  WHERE userid = 'bench'::regrole AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
), named AS (
  SELECT *, ARRAY(SELECT DISTINCT m[1]
                  FROM regexp_matches(lower(query), '\m(world|users|fortune200|fortune)\M', 'g') AS m) AS tables
  FROM seen
), classed AS (
  SELECT *, CASE WHEN cardinality(tables) <> 1 THEN 'other'
                 WHEN query ~* '^select\M' THEN 'read'
                 WHEN query ~* '^update\M' THEN 'write'
                 ELSE 'other' END AS kind
  FROM named
)
SELECT kind || ' ' || tables[1] || ' ' || sum(calls) || ' ' || sum(rows)
FROM classed WHERE kind <> 'other' GROUP BY kind, tables[1]
UNION ALL
SELECT 'other ' || sum(calls) || ' ' || left(query, 100) FROM classed WHERE kind = 'other' GROUP BY left(query, 100)
UNION ALL
SELECT 'connections ' || count(*) FROM pg_stat_activity WHERE usename = 'bench';
END
}

# Rows of world as they stand: `<id> <number>`.
read_rows() {
  shift
  ids=$(IFS=,; echo "$*")
  echo "SELECT id, random_number FROM world WHERE id = ANY(string_to_array(:'ids', ',')::integer[]);" | sql "ids=$ids"
}

# users <id> <name>; fortune <id> <message>; world <k>: of each 20th row, from the k-th on, the number moves by 5000 of
# 10000, so that the same again takes it back.
change() {
  case "$2" in
    users) echo "UPDATE users SET name = :'text' WHERE id = :id;" | sql "id=$3" "text=$4" ;;
    fortune) echo "UPDATE fortune SET message = :'text' WHERE id = :id;" | sql "id=$3" "text=$4" ;;
    world) echo 'UPDATE world SET random_number = 1 + (random_number + 4999) % 10000 WHERE id % 20 = :k;' | sql "k=$3" ;;
    *) echo "no table is called $2" >&2; exit 2 ;;
  esac
}

# World as it was sown, without ending a session; and no dead row left for the load to pass over.
restore() {
  sql << 'END'
UPDATE world SET random_number = 1 + (id * 7919 + 104729) % 10000
WHERE random_number <> 1 + (id * 7919 + 104729) % 10000;
VACUUM (FREEZE, ANALYZE) world, users, fortune;
CHECKPOINT;
END
}

sessions() { echo "SELECT pid FROM pg_stat_activity WHERE usename = 'bench';" | sql; }

# Gone for the stacks: nobody may log in, and sessions are ended.
fail() {
  sql > /dev/null << 'END'
ALTER ROLE bench NOLOGIN;
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'bench';
END
}

# There, and silent: nobody may log in, and sessions hang.
stall() {
  echo 'ALTER ROLE bench NOLOGIN;' | sql
  for pid in $(sessions); do kill -STOP "$pid"; done
}

recover() {
  for pid in $(sessions); do kill -CONT "$pid"; done
  echo 'ALTER ROLE bench LOGIN;' | sql
}

case "${1:-}" in
  watch | audit | restore | fail | stall | recover) "$1" ;;
  change) change "$@" ;;
  read) read_rows "$@" ;;
  *) echo 'verify.sh watch | audit | read <id>… | change <table> <what> | restore | fail | stall | recover' >&2; exit 2 ;;
esac
