-- A reading is one metric of one trial or phase with a standing of its own: until now a phase had one verdict for all its
-- numbers, and what belongs to the trial (start-up, memory at rest, stop) was computed anew at each question and never judged.
--
-- `phase_key` 0 is the trial itself; NULL cannot be part of a key. The rows of a trial stand together, so that a run is read in
-- one walk. This table has the most rows of all: validity and bound are numbers (validity: 0 valid, 1 degraded, 2 invalid; bound:
-- 0 none, 1 loader, 2 database, 3 server, 4 single_core, 5 waiting), reasons are stored once.
CREATE TABLE absence (
  absence_key INTEGER NOT NULL PRIMARY KEY,
  reason TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE reading (
  trial_key INTEGER NOT NULL REFERENCES trial (trial_key) ON DELETE CASCADE,
  phase_key INTEGER NOT NULL,
  metric_key INTEGER NOT NULL REFERENCES metric (metric_key),
  value REAL,                                             -- absent: not measured,
  absence_key INTEGER REFERENCES absence (absence_key),   -- and this is why
  validity INTEGER NOT NULL CHECK (validity BETWEEN 0 AND 2),
  bound INTEGER NOT NULL CHECK (bound BETWEEN 0 AND 5),
  PRIMARY KEY (trial_key, phase_key, metric_key),
  CHECK ((value IS NULL) <> (absence_key IS NULL))
) STRICT, WITHOUT ROWID;

-- What a gate said about a trial or phase, with its words: the one place where gates are listed.
CREATE TABLE gate_result (
  trial_key INTEGER NOT NULL REFERENCES trial (trial_key) ON DELETE CASCADE,
  phase_key INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  gate TEXT NOT NULL,
  validity TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (trial_key, phase_key, ordinal)
) STRICT, WITHOUT ROWID;

-- Which readings a gate judged.
CREATE TABLE reading_gate (
  trial_key INTEGER NOT NULL REFERENCES trial (trial_key) ON DELETE CASCADE,
  phase_key INTEGER NOT NULL,
  metric_key INTEGER NOT NULL REFERENCES metric (metric_key),
  gate_ordinal INTEGER NOT NULL,
  PRIMARY KEY (trial_key, phase_key, metric_key, gate_ordinal)
) STRICT, WITHOUT ROWID;

-- ---- what is stored already: phases ----
-- Their readings keep the verdict that their phase was given, and all its gates.
CREATE TABLE code (kind TEXT NOT NULL, word TEXT NOT NULL, code INTEGER NOT NULL, PRIMARY KEY (kind, word)) STRICT, WITHOUT ROWID;
INSERT INTO code (kind, word, code) VALUES
  ('validity', 'valid', 0), ('validity', 'degraded', 1), ('validity', 'invalid', 2),
  ('bound', 'none', 0), ('bound', 'loader', 1), ('bound', 'database', 2), ('bound', 'server', 3), ('bound', 'single_core', 4),
  ('bound', 'waiting', 5);

INSERT INTO absence (reason) SELECT DISTINCT reason FROM absent_measurement;

INSERT INTO reading (trial_key, phase_key, metric_key, value, absence_key, validity, bound)
  SELECT p.trial_key, p.phase_key, m.metric_key, m.value, NULL, v.code, b.code
  FROM measurement m JOIN phase p ON p.phase_key = m.phase_key
    JOIN code v ON v.kind = 'validity' AND v.word = p.validity JOIN code b ON b.kind = 'bound' AND b.word = p.bound
  UNION ALL
  SELECT p.trial_key, p.phase_key, m.metric_key, NULL, a.absence_key, v.code, b.code
  FROM absent_measurement m JOIN phase p ON p.phase_key = m.phase_key JOIN absence a ON a.reason = m.reason
    JOIN code v ON v.kind = 'validity' AND v.word = p.validity JOIN code b ON b.kind = 'bound' AND b.word = p.bound
  -- A metric that had both was measured.
  WHERE NOT EXISTS (SELECT 1 FROM measurement x WHERE x.phase_key = m.phase_key AND x.metric_key = m.metric_key);

INSERT INTO gate_result (trial_key, phase_key, ordinal, gate, validity, text)
  SELECT p.trial_key, p.phase_key, g.ordinal, g.gate, g.validity, g.text
  FROM phase_gate g JOIN phase p ON p.phase_key = g.phase_key;

INSERT INTO reading_gate (trial_key, phase_key, metric_key, gate_ordinal)
  SELECT r.trial_key, r.phase_key, r.metric_key, g.ordinal
  FROM reading r JOIN gate_result g ON g.trial_key = r.trial_key AND g.phase_key = r.phase_key;

-- ---- what is stored already: trials ----
-- What was computed from the marks of the start, the memory readings and the stop. No gate had looked at it.
CREATE TABLE of_trial (trial_key INTEGER NOT NULL, name TEXT NOT NULL, value INTEGER, reason TEXT NOT NULL) STRICT;

INSERT INTO of_trial (trial_key, name, value, reason)
  SELECT trial_key, 'app_startup_ns', first_good_ns - exec_ns, 'not seen' FROM startup WHERE kind = 'warm' UNION ALL
  SELECT trial_key, 'startup_ns', first_good_ns - start_call_ns, 'not seen' FROM startup WHERE kind = 'warm' UNION ALL
  SELECT trial_key, 'create_to_good_ns', first_good_ns - create_call_ns, 'not seen' FROM startup WHERE kind = 'warm' UNION ALL
  SELECT trial_key, 'listen_ns', listen_ns - exec_ns, 'not seen' FROM startup WHERE kind = 'warm' UNION ALL
  SELECT trial_key, 'engine_ns', exec_ns - start_call_ns, 'not seen' FROM startup WHERE kind = 'warm' UNION ALL
  SELECT trial_key, 'sandbox_ns', sandbox_ns, 'not seen' FROM startup WHERE kind = 'warm' UNION ALL
  -- Which stacks had a deep path is not known here: none is missed where none was seen.
  SELECT trial_key, 'db_ready_ns', first_deep_ns - exec_ns, 'not seen' FROM startup
    WHERE kind = 'warm' AND first_deep_ns IS NOT NULL UNION ALL
  SELECT trial_key, 'app_startup_cache_cold_ns', first_good_ns - exec_ns, 'not seen' FROM startup WHERE kind = 'cache_cold' UNION ALL
  SELECT trial_key, 'startup_cache_cold_ns', first_good_ns - start_call_ns, 'not seen' FROM startup WHERE kind = 'cache_cold' UNION ALL
  SELECT trial_key, moment || '_pss_bytes', pss_bytes, 'not readable on this machine' FROM memory_reading
    WHERE moment IN ('idle', 'retained') UNION ALL
  SELECT trial_key, moment || '_private_bytes', private_bytes, 'not readable on this machine' FROM memory_reading
    WHERE moment IN ('idle', 'retained') UNION ALL
  SELECT trial_key, moment || '_docker_equivalent_bytes', docker_equivalent_bytes, 'not readable on this machine' FROM memory_reading
    WHERE moment IN ('idle', 'retained') UNION ALL
  SELECT trial_key, moment || '_cgroup_peak_bytes', cgroup_peak_bytes, 'not readable on this machine' FROM memory_reading
    WHERE moment IN ('idle', 'retained') UNION ALL
  SELECT trial_key, 'stop_ns', stop_ns, '' FROM trial WHERE stop_ns IS NOT NULL;

INSERT INTO metric (name) SELECT DISTINCT name FROM of_trial WHERE true ON CONFLICT (name) DO NOTHING;
INSERT INTO absence (reason) SELECT DISTINCT reason FROM of_trial WHERE value IS NULL ON CONFLICT (reason) DO NOTHING;

INSERT INTO reading (trial_key, phase_key, metric_key, value, absence_key, validity, bound)
  SELECT o.trial_key, 0, m.metric_key, o.value, CASE WHEN o.value IS NULL THEN a.absence_key END, 0, 0
  FROM of_trial o JOIN metric m ON m.name = o.name LEFT JOIN absence a ON a.reason = o.reason;

DROP TABLE of_trial;
DROP TABLE code;
DROP TABLE phase_gate;
DROP TABLE absent_measurement;
DROP TABLE measurement;
