-- A run keeps the job that was accepted, so that it can be repeated and resumed from here whatever the files say by then, and
-- every event keeps all it said, so that the other tables can be rebuilt from the events (daemon/docs/storage.md). Runs and
-- events from before have neither.
CREATE TABLE job (
  hash TEXT NOT NULL PRIMARY KEY,  -- "sha256:…" over the JSON
  json BLOB NOT NULL               -- deflated
) STRICT;

ALTER TABLE run ADD COLUMN job_hash TEXT REFERENCES job (hash);

CREATE TABLE event_payload (
  event_id INTEGER NOT NULL PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
  json BLOB NOT NULL               -- deflated
) STRICT;

-- The bulk parts of an event (histograms, samples, seconds), once: the payload and the tables made from it refer to them by
-- the JSON pointer of their place in the payload.
CREATE TABLE attachment (
  attachment_key INTEGER NOT NULL PRIMARY KEY,
  event_id INTEGER NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  pointer TEXT NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE INDEX attachment_by_event ON attachment (event_id);

-- The event that told of the phase or the reading: its attachments are theirs.
ALTER TABLE phase ADD COLUMN event_id INTEGER REFERENCES event (id);
ALTER TABLE memory_reading ADD COLUMN event_id INTEGER REFERENCES event (id);

UPDATE phase SET event_id = (
  SELECT max(e.id) FROM event e WHERE e.trial_key = phase.trial_key AND e.kind = 'phase' AND e.phase = phase.name);
UPDATE memory_reading SET event_id = (
  SELECT max(e.id) FROM event e
  WHERE e.trial_key = memory_reading.trial_key AND e.kind = 'memory' AND e.text LIKE memory_reading.moment || ' memory:%');

INSERT INTO attachment (event_id, pointer, bytes)
SELECT p.event_id, '/result/histograms/' || h.ordinal || '/v2', h.v2
FROM phase p JOIN histogram h ON h.phase_key = p.phase_key ORDER BY p.phase_key, h.ordinal;
INSERT INTO attachment (event_id, pointer, bytes)
SELECT p.event_id, '/timeline', s.samples FROM phase p JOIN phase_series s ON s.phase_key = p.phase_key ORDER BY p.phase_key;
INSERT INTO attachment (event_id, pointer, bytes)
SELECT p.event_id, '/result/seconds', s.seconds FROM phase p JOIN phase_series s ON s.phase_key = p.phase_key ORDER BY p.phase_key;
INSERT INTO attachment (event_id, pointer, bytes)
SELECT m.event_id, '/samples', s.samples
FROM memory_reading m JOIN memory_series s ON s.trial_key = m.trial_key AND s.moment = m.moment ORDER BY m.event_id;

DROP TABLE phase_series;
DROP TABLE memory_series;
ALTER TABLE histogram DROP COLUMN v2;
