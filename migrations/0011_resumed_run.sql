-- A run that was cut off (a crash, a stop, a restart of the engine) goes on later instead of being lost: how often that happened, and how
-- often since it last finished a trial, so that one which never gets further ends.
ALTER TABLE run ADD COLUMN resumed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN stalled INTEGER NOT NULL DEFAULT 0;
