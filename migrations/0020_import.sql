-- A run that was measured elsewhere and came as a bundle: from which database, and when. It is shown as any other, but says so, and nothing
-- that is told of this machine (its images, how long work takes here, when a schedule last ran) follows from it.
ALTER TABLE run ADD COLUMN imported_from TEXT;
ALTER TABLE run ADD COLUMN imported_at_ns INTEGER;
