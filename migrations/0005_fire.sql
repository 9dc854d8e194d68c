-- Every due time of a schedule that was settled, by a run or by a skip. The key is what makes a fire happen at most once: the
-- row and its queued run are one transaction.
CREATE TABLE fire (
  schedule TEXT NOT NULL,
  nominal_at_ns INTEGER NOT NULL,
  recorded_at_ns INTEGER NOT NULL,
  run_id TEXT,   -- absent: skipped; outlives the run, so that deleting one cannot make it fire again
  skipped TEXT,  -- absent: fired
  reason TEXT NOT NULL,
  folded INTEGER NOT NULL,  -- how many due times this row stands for
  PRIMARY KEY (schedule, nominal_at_ns),
  CHECK ((run_id IS NULL) <> (skipped IS NULL))
) STRICT, WITHOUT ROWID;
