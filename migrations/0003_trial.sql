-- Trials and what they measured. A phase is written in one transaction or not at all. A quantity that was not measured is
-- NULL or has no row, never 0. Times of measurement are CLOCK_MONOTONIC of the machine, without meaning after a reboot but for
-- their differences; `_at_ns` is the wall clock since 1970.
CREATE TABLE trial (
  trial_key INTEGER NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  run_key INTEGER NOT NULL REFERENCES run (run_key) ON DELETE CASCADE,
  plan_index INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  block INTEGER NOT NULL,
  case_name TEXT NOT NULL,
  stack TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  failure TEXT NOT NULL,
  reason TEXT NOT NULL,
  last_output TEXT NOT NULL,
  started_at_ns INTEGER NOT NULL,
  finished_at_ns INTEGER,
  stop_ns INTEGER,
  stop_forced INTEGER NOT NULL,
  UNIQUE (run_key, plan_index, attempt)
) STRICT;

-- The marks of a start, create → start → exec → listen → first good → first deep.
CREATE TABLE startup (
  trial_key INTEGER NOT NULL PRIMARY KEY REFERENCES trial (trial_key) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  create_call_ns INTEGER NOT NULL,
  start_call_ns INTEGER NOT NULL,
  exec_ns INTEGER,
  listen_ns INTEGER,
  first_good_ns INTEGER,
  first_deep_ns INTEGER,
  sandbox_ns INTEGER NOT NULL  -- a duration
) STRICT;

CREATE TABLE memory_reading (
  trial_key INTEGER NOT NULL REFERENCES trial (trial_key) ON DELETE CASCADE,
  moment TEXT NOT NULL,
  pss_bytes INTEGER,
  private_bytes INTEGER,
  docker_equivalent_bytes INTEGER,
  cgroup_peak_bytes INTEGER,
  PRIMARY KEY (trial_key, moment)
) STRICT, WITHOUT ROWID;

CREATE TABLE phase (
  phase_key INTEGER NOT NULL PRIMARY KEY,
  trial_key INTEGER NOT NULL REFERENCES trial (trial_key) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  window_begin_ns INTEGER NOT NULL,
  window_end_ns INTEGER NOT NULL,
  offered_per_s REAL,
  good INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  in_flight INTEGER NOT NULL,
  connect_errors INTEGER NOT NULL,
  reset_errors INTEGER NOT NULL,
  timeout_errors INTEGER NOT NULL,
  bad_status_errors INTEGER NOT NULL,
  bad_framing_errors INTEGER NOT NULL,
  bad_body_errors INTEGER NOT NULL,
  dropped_errors INTEGER NOT NULL,
  received_bytes INTEGER NOT NULL,
  validity TEXT NOT NULL,
  bound TEXT NOT NULL,
  transport TEXT NOT NULL,
  timer_mode TEXT NOT NULL,
  UNIQUE (trial_key, name)
) STRICT;

-- Names of metrics, so that a measurement costs a dozen bytes.
CREATE TABLE metric (
  metric_key INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE measurement (
  phase_key INTEGER NOT NULL REFERENCES phase (phase_key) ON DELETE CASCADE,
  metric_key INTEGER NOT NULL REFERENCES metric (metric_key),
  value REAL NOT NULL,
  PRIMARY KEY (phase_key, metric_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE absent_measurement (
  phase_key INTEGER NOT NULL REFERENCES phase (phase_key) ON DELETE CASCADE,
  metric_key INTEGER NOT NULL REFERENCES metric (metric_key),
  reason TEXT NOT NULL,
  PRIMARY KEY (phase_key, metric_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE phase_gate (
  phase_key INTEGER NOT NULL REFERENCES phase (phase_key) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  gate TEXT NOT NULL,
  validity TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (phase_key, ordinal)
) STRICT, WITHOUT ROWID;

-- Histograms in the V2 encoding of the HdrHistogram family, unpacked from its base64.
CREATE TABLE histogram (
  phase_key INTEGER NOT NULL REFERENCES phase (phase_key) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  kind TEXT NOT NULL,
  v2 BLOB NOT NULL,
  PRIMARY KEY (phase_key, ordinal)
) STRICT;

-- Samples and seconds of a phase, each packed into one value (daemon/docs/storage.md), apart from the phase so that they can
-- be thinned out earlier.
CREATE TABLE phase_series (
  phase_key INTEGER NOT NULL PRIMARY KEY REFERENCES phase (phase_key) ON DELETE CASCADE,
  samples BLOB NOT NULL,
  seconds BLOB NOT NULL
) STRICT;
