-- What the row of a run in a list says of its results. It would cost a comparison for each row to work that out when somebody looks; so it is
-- written with the summaries of the run, and again where another run before it counts.
CREATE TABLE run_overview (
  run_key INTEGER NOT NULL PRIMARY KEY REFERENCES run (run_key) ON DELETE CASCADE,
  valid INTEGER NOT NULL,          -- summaries
  degraded INTEGER NOT NULL,
  invalid INTEGER NOT NULL,
  winner_stack TEXT,               -- absent: nobody
  winner_case TEXT,
  winner_phase TEXT,
  winner_metric TEXT,
  winner_value REAL,
  winner_n INTEGER,
  winner_cases INTEGER,
  winner_is_clear INTEGER,
  before_key INTEGER,              -- the last run of the same schedule; absent: there was none
  better INTEGER NOT NULL,
  worse INTEGER NOT NULL,
  same INTEGER NOT NULL,
  inconclusive INTEGER NOT NULL
) STRICT;

CREATE INDEX run_overview_by_before ON run_overview (before_key) WHERE before_key IS NOT NULL;
