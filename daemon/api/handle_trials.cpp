#include <fmt/format.h>

#include <algorithm>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "api/tables.h"
#include "api/wire.h"
#include "base/text.h"

namespace dyno::api {
namespace {

template <class T>
void keep_phases(std::vector<T>& all, const Request& request) {
  const Wanted wanted = request.parameters("phase");
  std::erase_if(all, [&](const T& one) { return !passes(wanted, one.phase); });
}

void keep_metrics(model::PhaseResult& phase, const Wanted& metrics) {
  std::erase_if(phase.readings,
                [&](const model::Reading& one) { return !passes(metrics, model::to_string(one.metric)); });
}

void add_readings(const wire::ReadingRow& of, const std::vector<model::Reading>& readings, const Wanted& metrics,
                  std::vector<wire::ReadingRow>& rows) {
  for (const model::Reading& reading : readings) {
    if (!passes(metrics, model::to_string(reading.metric))) continue;
    rows.push_back(of);
    rows.back().reading = reading;
  }
}

// The first phase that was asked for and that the trial does not have.
std::optional<std::string> unknown_phase(const model::Trial& trial, const Request& request) {
  for (const std::string& phase : request.parameters("phase")) {
    if (std::find(trial.phases.begin(), trial.phases.end(), phase) == trial.phases.end()) return phase;
  }
  return std::nullopt;
}

Response no_such_phase(const std::string& phase, const Request& request) {
  const std::string words = fmt::format("the trial has no phase \"{}\"", visible(phase, 60));
  return problem_answer(Error{ErrorCode::not_found, words}, request);
}

std::size_t count_of(const std::vector<store::SampleSeries>& series) {
  std::size_t count = 0;
  for (const store::SampleSeries& one : series) count += one.buckets.size();
  return count;
}

// The width of a bucket at which about `points` of them cover all series.
Nanos width_for(const std::vector<store::SampleSeries>& series, int points) {
  Nanos covered{};
  for (const store::SampleSeries& one : series) {
    if (!one.buckets.empty()) covered += one.buckets.back().at - one.buckets.front().at;
  }
  const Nanos millisecond = std::chrono::milliseconds(1);
  return std::max(millisecond, std::chrono::ceil<std::chrono::milliseconds>(covered / std::max(1, points)) + Nanos(0));
}

const model::EncodedHistogram* choose(const std::vector<model::EncodedHistogram>& all,
                                      std::optional<std::string_view> kind) {
  const auto of_kind = [&](std::string_view wanted) -> const model::EncodedHistogram* {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const model::EncodedHistogram& h) { return h.kind == wanted; });
    return found == all.end() ? nullptr : &*found;
  };
  if (kind) return of_kind(*kind);
  const model::EncodedHistogram* const response = of_kind("response");
  return response != nullptr ? response : of_kind("service");
}

}  // namespace

Response list_trials(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto metrics = metric_parameter(request);
  if (!metrics) return problem_answer(metrics.error(), request.id);
  const auto states = enum_parameters<model::TrialState>(request, "state");
  if (!states) return problem_answer(states.error(), request.id);
  const auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  auto trials = context.reader.trials(run->id, {.states = *states, .cases = request.parameters("case")});
  if (!trials) return problem_answer(trials.error(), request);
  const Wanted phases = request.parameters("phase");
  std::erase_if(*trials, [&](const model::Trial& trial) {
    return !phases.empty() && std::none_of(trial.phases.begin(), trial.phases.end(),
                                           [&](const std::string& one) { return passes(phases, one); });
  });
  return part_of(*run, rows_answer(
                           request, [&] { return wire::trials(*trials, *metrics); },
                           [&] { return tables::trials(std::move(*trials), *metrics); }));
}

Response list_readings(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto metrics = metric_parameter(request);
  if (!metrics) return problem_answer(metrics.error(), request.id);
  const auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  const auto trials = context.reader.trials(run->id);
  if (!trials) return problem_answer(trials.error(), request);
  const Wanted cases = request.parameters("case");
  const Wanted phases = request.parameters("phase");
  auto results = context.reader.phases_of_run(run->id, {phases});
  if (!results) return problem_answer(results.error(), request);
  std::vector<wire::ReadingRow> rows;
  for (const model::Trial& trial : *trials) {
    if (!passes(cases, trial.case_name)) continue;
    wire::ReadingRow row{trial.id, trial.block, trial.case_name, trial.stack, {}, {}};
    if (passes(phases, "")) add_readings(row, trial.readings, *metrics, rows);
    for (const model::PhaseResult& phase : (*results)[trial.id]) {
      row.phase = phase.phase;
      add_readings(row, phase.readings, *metrics, rows);
    }
  }
  Table table = tables::readings(std::move(rows));
  return part_of(*run,
                 rows_answer(
                     request, [&] { return wire::rows(table, "run", run->id); }, [&] { return std::move(table); }));
}

Response show_trial(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto trial = context.reader.trial(path.at(0));
  if (!trial) return problem_answer(trial.error(), request);
  return part_of(*trial, json_answer(wire::trial(*trial)));
}

Response list_measurements(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto metrics = metric_parameter(request);
  if (!metrics) return problem_answer(metrics.error(), request.id);
  const auto trial = context.reader.trial(path.at(0));
  if (!trial) return problem_answer(trial.error(), request);
  auto phases = context.reader.phases(trial->id);
  if (!phases) return problem_answer(phases.error(), request);
  keep_phases(*phases, request);
  for (model::PhaseResult& phase : *phases) keep_metrics(phase, *metrics);
  std::map<std::string, std::vector<std::string>> kinds;
  for (const model::PhaseResult& phase : *phases) {
    const auto histograms = context.reader.histograms(trial->id, phase.phase);
    if (!histograms) return problem_answer(histograms.error(), request);
    for (const model::EncodedHistogram& histogram : *histograms) kinds[phase.phase].push_back(histogram.kind);
  }
  return part_of(*trial, rows_answer(
                             request, [&] { return wire::measurements(*trial, *phases, kinds); },
                             [&] { return tables::measurements(*trial, std::move(*phases), *metrics); }));
}

Response show_samples(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto points = int_parameter(request, "resolution", {1, 2000, 600});
  if (!points) return problem_answer(points.error(), request.id);
  const auto trial = context.reader.trial(path.at(0));
  if (!trial) return problem_answer(trial.error(), request);
  if (const auto phase = unknown_phase(*trial, request)) return no_such_phase(*phase, request);
  Nanos width{};
  auto series = context.reader.samples(trial->id, width);
  if (!series) return problem_answer(series.error(), request);
  keep_phases(*series, request);
  if (count_of(*series) > static_cast<std::size_t>(*points)) {
    width = width_for(*series, *points);
    series = context.reader.samples(trial->id, width);
    if (!series) return problem_answer(series.error(), request);
    keep_phases(*series, request);
  }
  return part_of(*trial, rows_answer(
                             request, [&] { return wire::samples(*trial, *series, width); },
                             [&] { return tables::samples(*trial, *series); }));
}

Response show_seconds(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto trial = context.reader.trial(path.at(0));
  if (!trial) return problem_answer(trial.error(), request);
  if (const auto phase = unknown_phase(*trial, request)) return no_such_phase(*phase, request);
  auto series = context.reader.seconds(trial->id);
  if (!series) return problem_answer(series.error(), request);
  const auto phases = context.reader.phases(trial->id);
  if (!phases) return problem_answer(phases.error(), request);
  keep_phases(*series, request);
  return part_of(*trial, rows_answer(
                             request, [&] { return wire::seconds(*trial, *series, *phases); },
                             [&] { return tables::seconds(*trial, *series, *phases); }));
}

Response show_histogram(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto phase = request.parameter("phase");
  if (!phase) return problem_answer(bad_parameter("phase", "phase is missing"), request.id);
  const std::string_view as = request.parameter("as").value_or("percentiles");
  if (as != "percentiles" && as != "v2" && as != "hgrm")
    return problem_answer(bad_parameter("as", "as is percentiles, v2 or hgrm"), request.id);
  const auto format = request.parameter("format");
  if (as != "percentiles" && format && !(as == "v2" && *format == "json"))
    return problem_answer(bad_parameter("format", fmt::format("as={} exists in one form only", as)), request.id);
  if (const auto form = form_of(request); as == "percentiles" && !form) return problem_answer(form.error(), request.id);
  const auto trial = context.reader.trial(path.at(0));
  if (!trial) return problem_answer(trial.error(), request);
  const auto all = context.reader.histograms(trial->id, std::string(*phase));
  if (!all) return problem_answer(all.error(), request);
  const model::EncodedHistogram* const chosen = choose(*all, request.parameter("kind"));
  if (chosen == nullptr)
    return problem_answer(Error{ErrorCode::not_found, "the trial has no such histogram for this phase"}, request);
  const auto histogram = stats::Histogram::decode(chosen->v2);
  if (!histogram) return problem_answer(histogram.error(), request);
  if (as == "hgrm") return part_of(*trial, text_answer(histogram->hgrm()));
  const wire::HistogramView view{trial->id, std::string(*phase), chosen->kind, *histogram};
  if (as == "v2") return part_of(*trial, json_answer(wire::histogram_v2(view)));
  return part_of(*trial, rows_answer(
                             request, [&] { return wire::histogram_percentiles(view); },
                             [&] { return tables::percentiles(*histogram); }));
}

}  // namespace dyno::api
