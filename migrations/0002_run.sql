-- Runs as they were asked for and as they ended. Rows refer to each other by short integer keys; the ids seen outside
-- (36 characters) are stored once.
CREATE TABLE run (
  run_key INTEGER NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  trigger TEXT NOT NULL,
  schedule TEXT,               -- absent: asked for by hand
  nominal_at_ns INTEGER,       -- the due time, for a schedule
  profile TEXT NOT NULL,
  profile_hash TEXT NOT NULL,
  seed INTEGER NOT NULL,       -- 64 bits; the sign bit is the highest one
  note TEXT NOT NULL,
  blocks INTEGER NOT NULL,
  created_at_ns INTEGER NOT NULL,
  started_at_ns INTEGER,
  finished_at_ns INTEGER,
  reason TEXT NOT NULL,
  environment_key TEXT NOT NULL,
  expected_ns INTEGER NOT NULL,
  measured_ns INTEGER NOT NULL,
  co_located INTEGER NOT NULL
) STRICT;

CREATE INDEX run_by_creation ON run (created_at_ns, id);
CREATE INDEX run_by_schedule ON run (schedule, nominal_at_ns) WHERE schedule IS NOT NULL;

-- The stacks of a run, in the order of the request, each with the image it ran on.
CREATE TABLE run_stack (
  run_key INTEGER NOT NULL REFERENCES run (run_key) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  runtime TEXT NOT NULL,
  stack_class TEXT NOT NULL,
  hash TEXT NOT NULL,
  image_id TEXT NOT NULL,
  base_kind TEXT NOT NULL,
  bases TEXT NOT NULL,
  image_bytes INTEGER,
  build_ns INTEGER,
  reported_version TEXT NOT NULL,
  failure TEXT NOT NULL,
  PRIMARY KEY (run_key, ordinal),
  UNIQUE (run_key, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_stack_by_name ON run_stack (name, run_key);

-- Facts of the machine and the engine, as they were.
CREATE TABLE environment_fact (
  run_key INTEGER NOT NULL REFERENCES run (run_key) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  in_key INTEGER NOT NULL,
  PRIMARY KEY (run_key, ordinal)
) STRICT, WITHOUT ROWID;

-- What the look at the machine before the run found doubtful.
CREATE TABLE run_warning (
  run_key INTEGER NOT NULL REFERENCES run (run_key) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  gate TEXT NOT NULL,
  validity TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (run_key, ordinal)
) STRICT, WITHOUT ROWID;

-- A repeated request gives the run of the first one again, for a day.
CREATE TABLE request_key (
  key TEXT NOT NULL PRIMARY KEY,
  body_hash TEXT NOT NULL,
  run_key INTEGER NOT NULL REFERENCES run (run_key) ON DELETE CASCADE,
  created_at_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
