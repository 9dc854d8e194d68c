-- Which work was verified in full, so that a restart does not forget it and nothing else takes its place: the key stands for image,
-- command, environment, mode, services, workloads with their params, and the version of the contract (daemon/run/verified_work.h).
CREATE TABLE verification (
  key TEXT NOT NULL PRIMARY KEY,
  image_id TEXT NOT NULL,
  verified_at_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
