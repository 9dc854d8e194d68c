-- What happened, in order, over all runs: the ids number the event stream and are never given twice, not even after a row
-- was deleted.
CREATE TABLE event (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  run_key INTEGER NOT NULL REFERENCES run (run_key) ON DELETE CASCADE,
  at_ns INTEGER NOT NULL,
  kind TEXT NOT NULL,
  trial_key INTEGER REFERENCES trial (trial_key) ON DELETE CASCADE,
  step TEXT NOT NULL,
  phase TEXT NOT NULL,
  text TEXT NOT NULL,
  state TEXT
) STRICT;

CREATE INDEX event_by_run ON event (run_key, id);
CREATE INDEX event_by_trial ON event (trial_key) WHERE trial_key IS NOT NULL;

-- How far the run was, for the events that tell it.
CREATE TABLE event_progress (
  event_id INTEGER NOT NULL PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
  block INTEGER NOT NULL,
  blocks INTEGER NOT NULL,
  case_name TEXT NOT NULL,
  step TEXT NOT NULL,
  phase TEXT NOT NULL,
  done_ratio REAL NOT NULL,
  eta_at_ns INTEGER
) STRICT;
