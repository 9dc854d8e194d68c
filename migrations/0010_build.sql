-- What a build told is kept: a build that fails shows its error far from its end, and until now only the last 20 lines were stored, in
-- the words of the failure. The log itself is a bulk part of the event that told of the build (attachments /log/head and /log/tail).
CREATE TABLE build (
  run_key INTEGER NOT NULL REFERENCES run (run_key) ON DELETE CASCADE,
  owner TEXT NOT NULL,             -- stack, service
  name TEXT NOT NULL,
  event_id INTEGER NOT NULL REFERENCES event (id),
  state TEXT NOT NULL,             -- succeeded, failed
  step TEXT NOT NULL,              -- of the Dockerfile, the last one it was in
  lines INTEGER NOT NULL,
  log_bytes INTEGER NOT NULL,      -- told, whether kept or not
  duration_ns INTEGER,
  PRIMARY KEY (run_key, owner, name)
) STRICT, WITHOUT ROWID;
