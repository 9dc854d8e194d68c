-- What somebody did to a run before it ended, so that a restart of the daemon does not undo it: asked for its end, or gave it another
-- place in the queue (those without one come behind, by urgency and age). And which run it repeats.
ALTER TABLE run ADD COLUMN cancel_asked_at_ns INTEGER;
ALTER TABLE run ADD COLUMN queue_place INTEGER;
ALTER TABLE run ADD COLUMN retry_of TEXT;
