// The columns of every list that is rows. JSON lists keep the nested shapes of openapi.json; CSV and NDJSON have these columns.
// Names are those of the JSON, joined by "_" where it nests. Pure functions, thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/api_context.h"
#include "api/table.h"
#include "api/wire.h"
#include "model/build.h"
#include "model/fire.h"
#include "model/measurement.h"
#include "model/run.h"
#include "model/run_event.h"
#include "model/summary.h"
#include "results/objectives.h"
#include "run/gaps.h"
#include "stats/histogram.h"
#include "store/series.h"

namespace dyno::api::tables {

// ---- what can be run ----
Table metrics();
Table stacks(std::vector<model::Stack> stacks);
Table profiles(std::vector<model::Profile> profiles);
Table schedules(std::vector<wire::ScheduleView> schedules);
Table due_times(std::vector<schedule::DueTime> due);
Table fires(std::vector<model::Fire> fires);

// ---- runs ----
Table runs(std::vector<wire::RunView> runs);
Table queue(std::vector<wire::QueueRow> rows);
Table facts(std::vector<model::Fact> facts);
Table events(std::vector<model::EventRow> events);
Table phases(std::vector<store::PhaseCount> phases);
Table summaries(std::string run_id, std::vector<model::Summary> summaries, std::map<std::string, std::string> stack_of);
Table builds(std::vector<model::Build> builds);
Table gaps(std::vector<run::Gap> gaps);
Table objectives(std::vector<results::JudgedObjective> all);

// ---- trials ----
// `metrics`: those that have a column; empty: all.
Table trials(std::vector<model::Trial> trials, const std::vector<std::string>& metrics);
// A row for each phase: counts, verdict and a column for every metric.
Table measurements(const model::Trial& trial, std::vector<model::PhaseResult> phases,
                   const std::vector<std::string>& metrics);
// A row for each metric of each trial and phase, with its value or the reason why there is none.
Table readings(std::vector<wire::ReadingRow> rows);
Table samples(const model::Trial& trial, const std::vector<store::SampleSeries>& series);
Table seconds(const model::Trial& trial, const std::vector<store::SecondSeries>& series,
              const std::vector<model::PhaseResult>& phases);
Table percentiles(const stats::Histogram& histogram);

// ---- across runs ----
Table comparison(std::vector<results::Compared> rows);
// Each row of each board, then those of several workloads.
Table leaderboard(wire::Leaderboard all);
Table series(std::vector<model::Series> all);
Table baselines(std::vector<model::Baseline> all);
Table points(model::History history);

}  // namespace dyno::api::tables
