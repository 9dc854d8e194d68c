-- What runs are compared with again and again, under a name: a run, or a rule that is applied anew each time.
CREATE TABLE baseline (
  name TEXT NOT NULL PRIMARY KEY,
  ref TEXT NOT NULL,             -- the id of a run, latest, latest~N, median:N or a day
  profile TEXT NOT NULL,         -- which runs a rule counts; empty: whatever the question asks for
  schedule TEXT NOT NULL,
  stack TEXT NOT NULL,
  created_at_ns INTEGER NOT NULL,
  changed_at_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
