-- Questions across runs. Until now every query ended at one run: a night could not be set beside the night before without reading all
-- trials of both. A series is one metric of one case and phase under one profile over all runs; a cell is the part of it that was
-- measured under one environment key. Both are made when they first occur and keep their keys, so that a link to one stays.
CREATE TABLE series (
  series_key INTEGER NOT NULL PRIMARY KEY,
  profile TEXT NOT NULL,
  case_name TEXT NOT NULL,
  stack TEXT NOT NULL,
  phase TEXT NOT NULL,          -- empty: a metric of the trial
  metric_key INTEGER NOT NULL REFERENCES metric (metric_key),
  UNIQUE (stack, case_name, profile, phase, metric_key)
) STRICT;

CREATE TABLE cell (
  cell_key INTEGER NOT NULL PRIMARY KEY,
  series_key INTEGER NOT NULL REFERENCES series (series_key),
  environment_key TEXT NOT NULL,
  UNIQUE (series_key, environment_key)
) STRICT;

-- What was measured, and how it was asked: where one of these differs, two points of a cell are not of the same thing.
CREATE TABLE treatment (
  treatment_key INTEGER NOT NULL PRIMARY KEY,
  stack_class TEXT NOT NULL,
  stack_hash TEXT NOT NULL,
  image_id TEXT NOT NULL,
  profile_hash TEXT NOT NULL,
  UNIQUE (stack_class, stack_hash, image_id, profile_hash)
) STRICT;

-- The cells of a run, next to each other: value and spread, and the readings that they are made of, each with its block, validity and
-- bound, packed (daemon/docs/storage.md). Two runs are compared by two walks of this table.
CREATE TABLE summary (
  run_key INTEGER NOT NULL REFERENCES run (run_key) ON DELETE CASCADE,
  cell_key INTEGER NOT NULL REFERENCES cell (cell_key),
  readings BLOB NOT NULL,
  PRIMARY KEY (run_key, cell_key)
) STRICT, WITHOUT ROWID;

-- The runs of a cell, next to each other and in the order of their time: what a line of years is drawn from. Numbers only, as small as they can
-- be. validity and bound as in reading; spread: 0 none, 1 minimum and maximum, 2 the 95 % interval.
CREATE TABLE point (
  cell_key INTEGER NOT NULL REFERENCES cell (cell_key),
  at_ns INTEGER NOT NULL,       -- the run's created_at_ns
  run_key INTEGER NOT NULL REFERENCES run (run_key),
  treatment_key INTEGER NOT NULL REFERENCES treatment (treatment_key),
  n INTEGER NOT NULL,           -- trials that it rests on; 0: all were invalid
  value REAL NOT NULL,
  spread INTEGER NOT NULL CHECK (spread BETWEEN 0 AND 2),
  low REAL,
  high REAL,
  validity INTEGER NOT NULL CHECK (validity BETWEEN 0 AND 2),
  bound INTEGER NOT NULL CHECK (bound BETWEEN 0 AND 5),
  PRIMARY KEY (cell_key, at_ns, run_key)
) STRICT, WITHOUT ROWID;

-- The version of the rules by which the run was summarised; absent: it was not. Runs that are stored already are summarised at the next
-- start, because a migration knows no statistics.
ALTER TABLE run ADD COLUMN summary_rules INTEGER;
CREATE INDEX run_without_summary ON run (run_key) WHERE summary_rules IS NULL AND finished_at_ns IS NOT NULL;
