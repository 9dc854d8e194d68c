// Our JSON: model values to text, and the bodies of requests to values. Field names and shapes are those of openapi.json; what
// was not measured is left out and named in `absent`. No JSON value leaves the files wire*. Pure functions, thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/api_context.h"
#include "api/problem.h"
#include "api/table.h"
#include "base/result.h"
#include "model/baseline.h"
#include "model/build.h"
#include "model/fire.h"
#include "model/history.h"
#include "model/measurement.h"
#include "model/retention.h"
#include "model/run.h"
#include "model/run_event.h"
#include "model/run_overview.h"
#include "model/summary.h"
#include "results/board.h"
#include "results/compare.h"
#include "results/standing.h"
#include "run/gaps.h"
#include "schedule/due_times.h"
#include "stats/histogram.h"
#include "store/reader.h"
#include "store/series.h"

namespace dyno::api::wire {

std::string problem(const Problem& problem, std::string_view request_id);

// ---- the daemon ----
std::string root(const BuildFacts& build);
std::string version(const BuildFacts& build);
std::string healthy();
std::string ready(const std::vector<HealthCheck>& checks);

// ---- what can be run ----
std::string stack(const model::Stack& stack, const std::optional<model::LastImage>& image);
std::string stacks(const CatalogView& catalog);
std::string profile(const model::Profile& profile);
std::string profiles(const CatalogView& catalog);
std::string validated(std::string_view kind, std::string_view name);

// Whether a run of the schedule ends within its budget.
struct ScheduleFit {
  Nanos expected{};
  std::string run{};  // that took so long; empty: the plan expects it
};
struct ScheduleView {
  model::Schedule schedule;
  std::optional<schedule::DueTime> next;
  std::string text{};  // empty: it is in a file
  std::optional<WallTime> paused_at{};
  std::string problem{};
  std::optional<ScheduleFit> fit{};
};
// The text of the file that a schedule in a JSON body would be; its keys are those of files.
tl::expected<std::string, Problem> read_schedule(std::string_view body);
std::string schedule(const ScheduleView& view);
std::string schedules(const std::vector<ScheduleView>& views, const CatalogView& catalog);

// ---- runs ----
// What is pooled for a decision, and what is lacking for one.
struct PoolView {
  std::string schedule{};                // empty: none
  std::vector<store::PastRun> nights{};  // newest first
  int blocks = 0;                        // of all of them
  int blocks_lacking = 0;
  int nights_needed = 1;
  int nights_lacking = 0;
  std::optional<WallTime> ready_at{};  // when the schedule will have brought them
};
// Of a run that goes on until two of its stacks are told apart.
struct RunComparisonView {
  model::RunComparison wanted;
  results::CasePair pair;   // its two cases; empty: without trials so far
  int blocks_measured = 0;  // that both have finished
};
struct RunView {
  model::Run run;
  std::optional<model::Progress> progress{};
  std::optional<model::RunOverview> overview{};  // of one that ended with results
  std::optional<PoolView> decision{};            // the same, of a run that is shown by itself
  std::optional<RunComparisonView> compare{};
};
std::string run(const RunView& view);
std::string marks(const model::Marks& marks);                                // of them alone
std::string runs(const std::vector<RunView>& views, std::string_view next);  // next: empty on the last page
std::string environment(const model::Run& run);
struct QueueRow {
  model::Run run;
  int position = 0;
  std::string reason;
  std::optional<WallTime> begins_at;  // expected; absent: under way, or unknown
  std::optional<WallTime> ends_at;    // expected
};
std::string queue(const std::vector<QueueRow>& rows, const std::optional<run::Hold>& hold = std::nullopt);

// ---- trials ----
std::string trial(const model::Trial& trial);
// `metrics`: those that are told; empty: all.
std::string trials(const std::vector<model::Trial>& trials, const std::vector<std::string>& metrics);
std::string measurements(const model::Trial& trial, const std::vector<model::PhaseResult>& phases,
                         const std::map<std::string, std::vector<std::string>>& histogram_kinds);
std::string samples(const model::Trial& trial, const std::vector<store::SampleSeries>& series, Nanos resolution);
std::string seconds(const model::Trial& trial, const std::vector<store::SecondSeries>& series,
                    const std::vector<model::PhaseResult>& phases);
// One metric of one trial: of a phase, or of the trial itself where `phase` is empty.
struct ReadingRow {
  std::string trial_id;
  int block = 0;
  std::string case_name;
  std::string stack;
  std::string phase;
  model::Reading reading;
};
// The create call where it is known, else the first sample.
MonotonicTime origin_of(const model::Trial& trial, const std::vector<store::SampleSeries>& series);

struct Percentile {
  double percent = 0;
  std::int64_t value_ns = 0;
};
// As far as ten values at least stand above.
std::vector<Percentile> percentiles_of(const stats::Histogram& histogram);
struct HistogramView {
  std::string trial_id;
  std::string phase;
  std::string kind;
  const stats::Histogram& histogram;
};
std::string histogram_percentiles(const HistogramView& view);
std::string histogram_v2(const HistogramView& view);

// A figure that no trial of a case has a value of, and why.
struct Absence {
  std::string case_name;
  std::string phase;
  model::MetricName metric{};
  std::string reason;
};

// What a selection of summaries is part of: all phases and cases of the run, whatever was asked for.
struct SummaryFrame {
  std::vector<std::string> phases;
  std::vector<std::string> cases;
  std::vector<Absence> absent;  // of what was asked for
};
// `stack_of`: case name → stack name.
std::string summaries(const model::Run& run, const SummaryFrame& frame, const std::vector<model::Summary>& summaries,
                      const std::vector<run::Gap>& gaps, const std::map<std::string, std::string>& stack_of);

// ---- across runs ----
struct ComparedSide {
  std::string ref;                // as it was asked for
  std::vector<std::string> runs;  // newest first
  std::string case_name;          // where one case is compared with another
  WallTime created_at{};          // of the newest run
  std::string environment_key;
  std::string profile;
  std::vector<store::PastRun> nights{};  // that are pooled, newest first; none: a median
};
// Of a run that went on until the two sides were told apart.
struct LastLook {
  int blocks = 0;  // that both have finished
  int most = 0;
  double confidence = 0;  // of each interval
};
struct Comparison {
  ComparedSide a;
  ComparedSide b;
  std::vector<results::Difference> differences;  // of the newest runs
  std::vector<results::Compared> rows;
  std::optional<LastLook> look{};
};
// The first side b; `more`: the others, each with the same side a.
std::string comparison(const Comparison& all, const std::vector<Comparison>& more = {});
struct Leaderboard {
  std::string profile;
  std::string environment_key;
  WallTime at{};                   // of the newest run
  std::optional<PoolView> pool{};  // where all is of one run and the nights before it
  std::vector<results::Board> boards{};
  std::vector<results::Board> overall{};
};
std::string leaderboard(const Leaderboard& all);
std::string series(const std::vector<model::Series>& all, std::string_view next);  // next: empty on the last page
std::string history(const model::History& all);
std::string baseline(const model::Baseline& baseline);
std::string baselines(const std::vector<model::Baseline>& all);

// ---- keeping ----
std::string upload(const std::string& id, std::uint64_t bytes);
std::string pruned(const model::Pruned& all);
std::string backup(const model::Backup& backup);

// ---- live ----
std::string event(const model::EventRow& row);
std::string events(const std::vector<model::EventRow>& rows, std::optional<std::int64_t> next);
std::string live_sample(const model::LiveSample& sample);
std::string live_build(const model::LiveBuild& live);

// ---- rows ----
// {"items": [ … ]}: a list whose JSON is its table. `of` and `name`: what all rows belong to, such as "run" and its id.
std::string rows(const Table& table, std::string_view of = {}, std::string_view name = {});
// One row as a line of NDJSON, without what is absent.
std::string ndjson_row(const Table& table, std::size_t row);

// ---- bodies of requests ----
struct NewRun {
  std::vector<std::string> stacks;
  std::string profile;
  std::optional<int> blocks;
  std::optional<std::uint64_t> seed;
  std::string note;
  std::optional<model::RunComparison> compare{};
};
// 400 for what is no JSON (or too deep, or has a key twice), 422 with every fault for the rest.
tl::expected<NewRun, Problem> read_new_run(std::string_view body);
tl::expected<model::MarkChange, Problem> read_mark_change(std::string_view body);
tl::expected<model::Baseline, Problem> read_baseline(std::string_view body);  // without its name

}  // namespace dyno::api::wire
