-- Schedules that were made over REST, each with the text of the file that it would be. Those of files are not kept here.
CREATE TABLE schedule (
  name TEXT NOT NULL PRIMARY KEY,
  text TEXT NOT NULL,
  created_at_ns INTEGER NOT NULL,
  changed_at_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
