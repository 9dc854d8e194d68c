#include "store/reader.h"

#include <fmt/format.h>

#include "store/build_rows.h"
#include "store/event_rows.h"
#include "store/fire_rows.h"
#include "store/line_rows.h"
#include "store/overview_rows.h"
#include "store/payload_rows.h"
#include "store/phase_rows.h"
#include "store/pool_rows.h"
#include "store/rows.h"
#include "store/run_rows.h"
#include "store/summary_rows.h"
#include "store/trial_rows.h"

namespace dyno::store {
namespace {

constexpr auto kFindTrialKeys = "SELECT trial_key, run_key FROM trial WHERE id = ?";

struct TrialKeys {
  std::int64_t trial_key = 0;
  std::int64_t run_key = 0;
};

Result<std::int64_t> run_key_of(SQLite::Database& connection, const std::string& run_id) {
  const std::optional<RunHead> run = find_run(connection, run_id);
  if (!run) return fail(ErrorCode::not_found, fmt::format("there is no run {}", run_id));
  return run->run_key;
}

Result<TrialKeys> trial_keys_of(SQLite::Database& connection, const std::string& trial_id) {
  Query q(connection, kFindTrialKeys, trial_id);
  if (!q.next()) return fail(ErrorCode::not_found, fmt::format("there is no trial {}", trial_id));
  TrialKeys keys;
  keys.trial_key = q.integer();
  keys.run_key = q.integer();
  return keys;
}

// Takes the value out of work that may fail.
template <class T, class Work>
Result<T> read_value(const Database& database, std::string_view what, Work work) {
  T value{};
  const Status done = database.read(what, [&](SQLite::Database& connection) -> Status {
    Result<T> found = work(connection);
    if (!found) return fail(found.error());
    value = std::move(*found);
    return {};
  });
  if (!done) return fail(done.error());
  return value;
}

// The same for what belongs to a run, or to a trial, that must be there.
template <class T, class Work>
Result<T> read_of_run(const Database& database, std::string_view what, const std::string& run_id, Work work) {
  return read_value<T>(database, what, [&](SQLite::Database& connection) -> Result<T> {
    const Result<std::int64_t> run_key = run_key_of(connection, run_id);
    if (!run_key) return fail(run_key.error());
    return work(connection, *run_key);
  });
}

template <class T, class Work>
Result<T> read_of_trial(const Database& database, std::string_view what, const std::string& trial_id, Work work) {
  return read_value<T>(database, what, [&](SQLite::Database& connection) -> Result<T> {
    const Result<TrialKeys> keys = trial_keys_of(connection, trial_id);
    if (!keys) return fail(keys.error());
    return work(connection, *keys);
  });
}

}  // namespace

using Connection = SQLite::Database;

Result<std::vector<model::Run>> Reader::runs(const RunFilter& filter) const {
  using Runs = std::vector<model::Run>;
  return read_value<Runs>(database_, "listing runs",
                          [&](Connection& c) -> Result<Runs> { return select_runs(c, filter); });
}

Result<model::Run> Reader::run(const std::string& run_id) const {
  return read_value<model::Run>(database_, "reading a run", [&](Connection& c) -> Result<model::Run> {
    std::optional<model::Run> run = select_run(c, run_id);
    if (!run) return fail(ErrorCode::not_found, fmt::format("there is no run {}", run_id));
    return std::move(*run);
  });
}

Result<std::map<std::string, model::RunOverview>> Reader::overviews(const std::vector<std::string>& run_ids) const {
  using All = std::map<std::string, model::RunOverview>;
  return read_value<All>(database_, "reading what runs are listed with",
                         [&](Connection& c) -> Result<All> { return select_overviews(c, run_ids); });
}

Result<model::Job> Reader::job(const std::string& run_id) const {
  return read_of_run<model::Job>(
      database_, "reading a run's job", run_id, [&](Connection& c, std::int64_t run_key) -> Result<model::Job> {
        Result<std::optional<model::Job>> job = select_job(c, run_key);
        if (!job) return fail(job.error());
        if (!*job) return fail(ErrorCode::not_found, "an older stackdyno stored it, without what was to be run");
        return std::move(**job);
      });
}

Result<std::optional<model::RunComparison>> Reader::comparison(const std::string& run_id) const {
  using Found = std::optional<model::RunComparison>;
  return read_of_run<Found>(database_, "reading what a run compares", run_id,
                            [&](Connection& c, std::int64_t run_key) { return select_comparison(c, run_key); });
}

Result<std::vector<model::Build>> Reader::builds(const std::string& run_id) const {
  using Builds = std::vector<model::Build>;
  return read_of_run<Builds>(database_, "listing a run's builds", run_id,
                             [&](Connection& c, std::int64_t run_key) { return select_builds(c, run_key); });
}

Result<model::BuildLog> Reader::build_log(const std::string& run_id, const std::string& name) const {
  using Log = model::BuildLog;
  return read_of_run<Log>(
      database_, "reading the log of a build", run_id, [&](Connection& c, std::int64_t run_key) -> Result<Log> {
        Result<std::optional<Log>> log = select_build_log(c, run_key, name);
        if (!log) return fail(log.error());
        if (!*log) return fail(ErrorCode::not_found, fmt::format("run {} has no build of \"{}\"", run_id, name));
        return std::move(**log);
      });
}

Result<std::optional<model::Progress>> Reader::progress(const std::string& run_id) const {
  using Found = std::optional<model::Progress>;
  return read_of_run<Found>(database_, "reading a run's progress", run_id,
                            [&](Connection& c, std::int64_t run_key) { return select_progress(c, run_key); });
}

Result<std::optional<Nanos>> Reader::duration_of(const model::Run& run) const {
  return read_value<std::optional<Nanos>>(
      database_, "reading how long a run takes",
      [&](SQLite::Database& connection) -> Result<std::optional<Nanos>> { return select_duration(connection, run); });
}

Result<std::optional<model::LastImage>> Reader::last_image(const std::string& stack) const {
  using Found = std::optional<model::LastImage>;
  return read_value<Found>(database_, "reading a stack's image",
                           [&](Connection& c) -> Result<Found> { return select_last_image(c, stack); });
}

Result<std::vector<model::Trial>> Reader::trials(const std::string& run_id, const TrialSelection& selection) const {
  using Trials = std::vector<model::Trial>;
  return read_of_run<Trials>(database_, "listing trials", run_id,
                             [&](Connection& c, std::int64_t run_key) { return select_trials(c, run_key, selection); });
}

Result<model::Trial> Reader::trial(const std::string& trial_id) const {
  return read_value<model::Trial>(database_, "reading a trial", [&](Connection& c) -> Result<model::Trial> {
    std::optional<model::Trial> trial = select_trial(c, trial_id);
    if (!trial) return fail(ErrorCode::not_found, fmt::format("there is no trial {}", trial_id));
    return std::move(*trial);
  });
}

Result<std::vector<model::PhaseResult>> Reader::phases(const std::string& trial_id) const {
  using Phases = std::vector<model::PhaseResult>;
  return read_of_trial<Phases>(database_, "reading phases", trial_id, [&](Connection& c, const TrialKeys& keys) {
    return std::move(select_phases(c, keys.run_key, keys.trial_key)[trial_id]);
  });
}

Result<std::map<std::string, std::vector<model::PhaseResult>>> Reader::phases_of_run(
    const std::string& run_id, const PhaseSelection& selection) const {
  using Phases = std::map<std::string, std::vector<model::PhaseResult>>;
  return read_of_run<Phases>(database_, "reading phases", run_id, [&](Connection& c, std::int64_t run_key) {
    return select_phases(c, run_key, 0, selection);
  });
}

Result<std::vector<PhaseCount>> Reader::phase_counts(const std::string& run_id) const {
  using Counts = std::vector<PhaseCount>;
  return read_of_run<Counts>(database_, "counting phases", run_id,
                             [&](Connection& c, std::int64_t run_key) { return count_phases(c, run_key); });
}

Result<std::vector<results::TrialMetrics>> Reader::measured(const std::string& run_id) const {
  const auto all = trials(run_id);
  if (!all) return fail(all.error());
  auto phases = phases_of_run(run_id);
  if (!phases) return fail(std::move(phases.error()));
  std::vector<results::TrialMetrics> measured;
  measured.reserve(all->size());
  for (const model::Trial& trial : *all)
    measured.push_back(results::contribution_of(trial, std::move((*phases)[trial.id])));
  return measured;
}

Result<std::vector<results::TrialMetrics>> Reader::trial_ends(const std::string& run_id) const {
  using Ends = std::vector<results::TrialMetrics>;
  return read_of_run<Ends>(
      database_, "reading how far a run's trials are", run_id,
      [&](Connection& c, std::int64_t run_key) -> Result<Ends> { return select_ends(c, run_key); });
}

Result<std::vector<PastRun>> Reader::past_runs(const PastFilter& filter) const {
  using Runs = std::vector<PastRun>;
  return read_value<Runs>(database_, "looking for past runs",
                          [&](Connection& c) -> Result<Runs> { return select_past_runs(c, filter); });
}

Result<std::vector<model::CellSummary>> Reader::cells(const PastRun& run, const CellFilter& filter) const {
  using Cells = std::vector<model::CellSummary>;
  return read_value<Cells>(database_, "reading a run's summaries",
                           [&](Connection& c) { return select_cells(c, run.run_key, filter); });
}

Result<std::vector<PastRun>> Reader::pool_of(const PastRun& run) const {
  using Runs = std::vector<PastRun>;
  return read_value<Runs>(database_, "looking for nights that belong together",
                          [&](Connection& c) -> Result<Runs> { return select_pool(c, run); });
}

Result<std::vector<model::CellSummary>> Reader::pooled_cells(const std::vector<PastRun>& runs,
                                                             const CellFilter& filter) const {
  using Cells = std::vector<model::CellSummary>;
  return read_value<Cells>(database_, "reading the summaries of nights",
                           [&](Connection& c) { return select_pooled(c, runs, filter); });
}

Result<std::vector<NewestCells>> Reader::newest_cells(const NewestFilter& filter) const {
  using All = std::vector<NewestCells>;
  return read_value<All>(database_, "reading the newest summaries",
                         [&](Connection& c) { return select_newest(c, filter); });
}

Result<std::vector<model::CellSummary>> Reader::values_of(const PastRun& run, const std::vector<PastRun>& others,
                                                          const CellFilter& filter) const {
  using Cells = std::vector<model::CellSummary>;
  return read_value<Cells>(database_, "reading the runs before", [&](Connection& c) -> Result<Cells> {
    return select_values(c, run.run_key, others, filter);
  });
}

Result<std::vector<model::Series>> Reader::series(const SeriesFilter& filter) const {
  using All = std::vector<model::Series>;
  return read_value<All>(database_, "listing series",
                         [&](Connection& c) -> Result<All> { return select_series(c, filter); });
}

Result<model::History> Reader::history(std::int64_t series_id, const LineFilter& filter) const {
  return read_value<model::History>(database_, "reading a series",
                                    [&](Connection& c) { return select_history(c, series_id, filter); });
}

Result<std::vector<SampleSeries>> Reader::samples(const std::string& trial_id, Nanos resolution) const {
  using Series = std::vector<SampleSeries>;
  return read_of_trial<Series>(database_, "reading samples", trial_id, [&](Connection& c, const TrialKeys& keys) {
    return select_samples(c, keys.trial_key, resolution);
  });
}

Result<std::vector<SecondSeries>> Reader::seconds(const std::string& trial_id) const {
  using Series = std::vector<SecondSeries>;
  return read_of_trial<Series>(database_, "reading seconds", trial_id,
                               [&](Connection& c, const TrialKeys& keys) { return select_seconds(c, keys.trial_key); });
}

Result<std::vector<model::EncodedHistogram>> Reader::histograms(const std::string& trial_id,
                                                                const std::string& phase) const {
  using Histograms = std::vector<model::EncodedHistogram>;
  return read_of_trial<Histograms>(
      database_, "reading histograms", trial_id,
      [&](Connection& c, const TrialKeys& keys) { return select_histograms(c, keys.trial_key, phase); });
}

Result<std::vector<model::EventRow>> Reader::events(std::int64_t since, const std::string& run_id, int limit) const {
  using Rows = std::vector<model::EventRow>;
  return read_value<Rows>(database_, "reading events",
                          [&](Connection& c) -> Result<Rows> { return select_events(c, since, run_id, limit); });
}

Result<std::int64_t> Reader::last_event_id() const {
  return read_value<std::int64_t>(database_, "reading events",
                                  [](Connection& c) -> Result<std::int64_t> { return select_last_event(c); });
}

Result<std::int64_t> Reader::event_before_last(const std::string& run_id, int count) const {
  return read_value<std::int64_t>(database_, "reading events", [&](Connection& c) -> Result<std::int64_t> {
    return select_before_last(c, run_id, count);
  });
}

Result<std::vector<std::string>> Reader::open_runs(const std::string& schedule) const {
  using Ids = std::vector<std::string>;
  return read_value<Ids>(database_, "listing a schedule's runs",
                         [&](Connection& c) -> Result<Ids> { return select_open_runs(c, schedule); });
}

Result<std::vector<model::Fire>> Reader::fires(const std::string& schedule, int limit) const {
  using Fires = std::vector<model::Fire>;
  return read_value<Fires>(database_, "reading fires",
                           [&](Connection& c) -> Result<Fires> { return select_fires(c, schedule, limit); });
}

Result<model::FiresOnRecord> Reader::fires_on_record(const std::string& schedule, WallTime now) const {
  using Record = model::FiresOnRecord;
  return read_value<Record>(database_, "reading fires",
                            [&](Connection& c) -> Result<Record> { return select_fires_on_record(c, schedule, now); });
}

Result<std::optional<WallTime>> Reader::last_completed(const std::string& schedule) const {
  using Found = std::optional<WallTime>;
  return read_value<Found>(database_, "reading runs",
                           [&](Connection& c) -> Result<Found> { return select_last_completed(c, schedule); });
}

}  // namespace dyno::store
