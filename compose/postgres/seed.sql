-- The tables of one template database. Everything is a formula, so that what a stack answers can be foretold.
\set ON_ERROR_STOP on

CREATE TABLE world (id integer PRIMARY KEY, random_number integer NOT NULL);
INSERT INTO world SELECT id, 1 + (id * 7919 + 104729) % 10000 FROM generate_series(1, 10000) AS id;

CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE);
INSERT INTO users
SELECT id, 'User ' || id, 'user' || id || '@example.com' FROM generate_series(1, :users) AS id;

-- Sorted by message the order differs from that of the ids; one row is a script, one is not Latin, one has an em dash
-- and one begins in lower case, where a locale and code points disagree.
CREATE TABLE fortune (id integer PRIMARY KEY, message text NOT NULL);
INSERT INTO fortune (id, message) VALUES
  (1, 'Measure twice, publish once.'),
  (2, 'A benchmark is a question; most people only quote the answer.'),
  (3, 'Your fastest request was the one you did not send.'),
  (4, '<script>alert("It''s a trap & you ''fell'' for it");</script>'),
  (5, 'the average hides the afternoon that everybody remembers'),
  (6, 'Beware of the percentile that nobody asked about.'),
  (7, 'ベンチマークは嘘をつかないが、黙っていることがある。'),
  (8, 'Every cache is a promise — keep few.'),
  (9, 'No result survives contact with a second machine.'),
  (10, 'He who warms up last laughs best.'),
  (11, 'Zero errors often means nobody was counting.'),
  (12, 'Idle memory is the rent; peak memory is the party.');

-- 200 messages of 40 to 120 characters, every tenth in need of escapes.
CREATE TABLE fortune200 (id integer PRIMARY KEY, message text NOT NULL);
INSERT INTO fortune200
SELECT id,
       left(CASE WHEN id % 10 = 0 THEN '<b>"' || id || '" & ''more''</b> ' ELSE '' END
              || repeat(md5('fortune' || id), 4),
            40 + (id * 37) % 81)
FROM generate_series(1, 200) AS id;

GRANT SELECT ON world, users, fortune, fortune200 TO bench;
GRANT UPDATE ON world TO bench;
CREATE EXTENSION pg_stat_statements;
ANALYZE;
VACUUM (FREEZE);
