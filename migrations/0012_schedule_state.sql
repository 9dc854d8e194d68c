-- What the daemon knows of a schedule beside its definition. Since when: a schedule that has not fired yet has no row in fire, and a due
-- time that came while the daemon was down would be lost without a word. And whether somebody paused it.
CREATE TABLE schedule_state (
  schedule TEXT NOT NULL PRIMARY KEY,
  known_since_ns INTEGER NOT NULL,
  paused_at_ns INTEGER  -- absent: it is not paused
) STRICT, WITHOUT ROWID;
