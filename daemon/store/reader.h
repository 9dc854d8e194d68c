// The read side of the database, for the API: returns values of the model, each call from one snapshot. Never writes.
// A missing run or trial is `not_found`; a stored word that this program does not know is `internal`. Thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/build.h"
#include "model/fire.h"
#include "model/history.h"
#include "model/job.h"
#include "model/run.h"
#include "model/run_event.h"
#include "model/run_overview.h"
#include "results/summarise.h"
#include "store/database.h"
#include "store/series.h"

namespace dyno::store {

struct RunCursor {
  WallTime created_at;
  std::string id;
};

// Which runs, newest first. Empty lists do not restrict.
struct RunFilter {
  std::vector<model::RunState> states{};
  std::vector<std::string> stacks{};  // runs that asked for any of these
  std::vector<std::string> tags{};    // runs that have any of these
  std::optional<bool> pinned{};
  std::optional<bool> excluded{};
  std::optional<std::string> schedule{};
  std::optional<WallTime> since{};   // created at or after
  std::optional<RunCursor> after{};  // the last row of the page before
  int limit = 50;
};

// Which trials of a run, and which of their own readings. Empty lists do not restrict.
struct TrialSelection {
  std::vector<model::TrialState> states{};
  std::vector<std::string> cases{};
  std::vector<std::string> metrics{};
};

// Which phases of a run, and how much of each.
struct PhaseSelection {
  std::vector<std::string> names{};    // empty: all
  std::vector<std::string> metrics{};  // empty: all
};

// A phase over all trials of a run. One that was cut off does not count: it is made again, or was lost with its run.
struct PhaseCount {
  std::string phase;
  bool is_open = false;  // its loop
  int cases = 0;
  int trials = 0;
};

// Runs that ended with results and were summarised, newest first. Empty lists do not restrict. An excluded run is not among them, unless
// it is asked for by its id.
struct PastFilter {
  std::vector<std::string> profiles{};
  std::vector<std::string> schedules{};
  std::vector<std::string> stacks{};  // runs that have results of any of these
  std::optional<std::string> environment_key{};
  std::optional<std::string> id{};
  std::optional<WallTime> since{};   // created at or after
  std::optional<WallTime> before{};  // created before
  int limit = 1;
};

struct PastRun {
  std::int64_t run_key = 0;
  std::string id;
  WallTime created_at;
  int blocks = 0;  // planned; of runs that are pooled
};

// Which cells of a run. Empty lists do not restrict; the phase "" is the trial itself.
struct CellFilter {
  std::vector<std::string> stacks{};
  std::vector<std::string> cases{};
  std::vector<std::string> phases{};
  std::vector<std::string> metrics{};
};

// Of a profile in an environment; empty lists do not restrict.
struct NewestFilter {
  std::string profile;
  std::string environment_key;
  std::vector<std::string> schedules{};
  CellFilter cells{};
  bool is_pooled = true;
};

struct ShownStack {
  std::string title;
  std::string language;
  std::string stack_class;
};

// The cells whose newest valid summary is of one run, pooled with the nights before it.
struct NewestCells {
  std::vector<PastRun> runs;  // newest first
  std::map<std::string, ShownStack> stacks;
  std::vector<model::CellSummary> cells;
};

struct SeriesFilter {
  CellFilter cells{};
  std::vector<std::string> profiles{};
  std::int64_t after = 0;  // the last id of the page before
  int limit = 50;
};

struct LineFilter {
  std::optional<WallTime> since{};
  std::optional<WallTime> until{};
  std::size_t most = 500;  // points; thinned out where there are more
};

class Reader {
 public:
  // The database must outlive the reader.
  explicit Reader(const Database& database) : database_(database) {}

  // The environment comes with its key only; run() gives its facts, too.
  Result<std::vector<model::Run>> runs(const RunFilter& filter) const;
  Result<model::Run> run(const std::string& run_id) const;
  // By id: one statement for all.
  Result<std::map<std::string, model::RunOverview>> overviews(const std::vector<std::string>& run_ids) const;
  // What was accepted, to be executed; not_found for a run from before jobs were stored.
  Result<model::Job> job(const std::string& run_id) const;
  // Two stacks that it goes on for until they are told apart; nothing: none, or an older stackdyno stored it.
  Result<std::optional<model::RunComparison>> comparison(const std::string& run_id) const;
  // The latest progress of the run; none before its first step.
  Result<std::optional<model::Progress>> progress(const std::string& run_id) const;

  // How long a run like this one took last; none where no such run has succeeded.
  Result<std::optional<Nanos>> duration_of(const model::Run& run) const;

  // Those that have ended, in their order.
  Result<std::vector<model::Build>> builds(const std::string& run_id) const;
  // Of a stack or service; not_found: the run has not built it, or is still building.
  Result<model::BuildLog> build_log(const std::string& run_id, const std::string& name) const;

  // The image of the stack's last run that had one; none where it has not run yet.
  Result<std::optional<model::LastImage>> last_image(const std::string& stack) const;

  // In order of the plan.
  Result<std::vector<model::Trial>> trials(const std::string& run_id, const TrialSelection& selection = {}) const;
  Result<model::Trial> trial(const std::string& trial_id) const;

  // Counts, readings and verdicts of the phases, in order; histograms and seconds are left empty.
  Result<std::vector<model::PhaseResult>> phases(const std::string& trial_id) const;
  // The same for every trial of a run, by trial id: everything that summaries need.
  Result<std::map<std::string, std::vector<model::PhaseResult>>> phases_of_run(
      const std::string& run_id, const PhaseSelection& selection = {}) const;

  // In the order in which they were first measured.
  Result<std::vector<PhaseCount>> phase_counts(const std::string& run_id) const;

  // Readings of trials and phases, in order of the plan.
  Result<std::vector<results::TrialMetrics>> measured(const std::string& run_id) const;

  // How far its trials are, without what they measured; in order of the plan.
  Result<std::vector<results::TrialMetrics>> trial_ends(const std::string& run_id) const;

  // ---- across runs ----
  Result<std::vector<PastRun>> past_runs(const PastFilter& filter) const;
  Result<std::vector<model::CellSummary>> cells(const PastRun& run, const CellFilter& filter) const;
  // The run and the nights that are pooled with it, newest first (store/pool_rows).
  Result<std::vector<PastRun>> pool_of(const PastRun& run) const;
  // The cells of the first of these runs with their readings of all of them, where the stack was the same.
  Result<std::vector<model::CellSummary>> pooled_cells(const std::vector<PastRun>& runs,
                                                       const CellFilter& filter) const;
  Result<std::vector<NewestCells>> newest_cells(const NewestFilter& filter) const;
  // For each cell of the run what `others` (newest first) found in it: a reading for each of them, its summary's value.
  Result<std::vector<model::CellSummary>> values_of(const PastRun& run, const std::vector<PastRun>& others,
                                                    const CellFilter& filter) const;
  Result<std::vector<model::Series>> series(const SeriesFilter& filter) const;  // by id
  Result<model::History> history(std::int64_t series_id, const LineFilter& filter) const;

  Result<std::vector<SampleSeries>> samples(const std::string& trial_id, Nanos resolution) const;
  Result<std::vector<SecondSeries>> seconds(const std::string& trial_id) const;
  Result<std::vector<model::EncodedHistogram>> histograms(const std::string& trial_id, const std::string& phase) const;

  // Events with an id above `since`, oldest first; of one run, or of all when `run_id` is empty.
  Result<std::vector<model::EventRow>> events(std::int64_t since, const std::string& run_id, int limit) const;
  Result<std::int64_t> last_event_id() const;  // 0: none yet
  // The id after which `count` events follow, of one run, or of all when `run_id` is empty; 0: there are no more than that.
  Result<std::int64_t> event_before_last(const std::string& run_id, int count) const;

  // Of a schedule, those that have not ended: newest first, so that those that wait come before the one under way.
  Result<std::vector<std::string>> open_runs(const std::string& schedule) const;
  Result<std::vector<model::Fire>> fires(const std::string& schedule, int limit) const;  // newest first
  Result<model::FiresOnRecord> fires_on_record(const std::string& schedule, WallTime now) const;
  // When a run of the schedule with results ended last; before the first one, since when it is on record.
  Result<std::optional<WallTime>> last_completed(const std::string& schedule) const;

 private:
  // Set once in the constructor.
  const Database& database_;
};

}  // namespace dyno::store
