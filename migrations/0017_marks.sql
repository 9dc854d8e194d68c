-- What somebody says of a run, apart from what it measured: a note, tags, that it is to be kept whole, that nothing counts it. None of
-- it follows from events, so writing the tables again leaves it as it is.
ALTER TABLE run ADD COLUMN own_note TEXT;                      -- in place of `note`; absent: that one stands
ALTER TABLE run ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN excluded TEXT;                      -- why; absent: it counts

CREATE TABLE run_tag (
  run_key INTEGER NOT NULL REFERENCES run (run_key) ON DELETE CASCADE,
  tag TEXT NOT NULL,
  PRIMARY KEY (run_key, tag)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_tag_by_tag ON run_tag (tag, run_key);
CREATE INDEX run_pinned ON run (created_at_ns, id) WHERE pinned = 1;
-- Few of many, and lines of years ask which.
CREATE INDEX run_excluded ON run (run_key) WHERE excluded IS NOT NULL;
CREATE INDEX run_noted ON run (run_key) WHERE coalesce(own_note, note) <> '';
