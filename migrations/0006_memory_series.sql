-- Samples before a memory reading that belong to no phase, packed as those of a phase (phase_series).
CREATE TABLE memory_series (
  trial_key INTEGER NOT NULL REFERENCES trial (trial_key) ON DELETE CASCADE,
  moment TEXT NOT NULL,
  samples BLOB NOT NULL,
  PRIMARY KEY (trial_key, moment)
) STRICT;
