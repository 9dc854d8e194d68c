-- The samples and seconds of old runs go, to make room; what was made of them, and the histograms, stay. When that was, so that nobody takes
-- an empty line for one that was measured.
ALTER TABLE run ADD COLUMN series_removed_at_ns INTEGER;
CREATE INDEX run_with_series ON run (finished_at_ns) WHERE series_removed_at_ns IS NULL AND finished_at_ns IS NOT NULL;
