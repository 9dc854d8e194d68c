#include <fmt/format.h>

#include <algorithm>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "api/wire.h"

namespace dyno::api {
namespace {

template <class T>
void keep_phase(std::vector<T>& all, const Request& request) {
  if (const auto phase = request.parameter("phase")) {
    std::erase_if(all, [&](const T& one) { return one.phase != *phase; });
  }
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
  const auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  auto trials = context.reader.trials(run->id);
  if (!trials) return problem_answer(trials.error(), request);
  if (const auto wanted = request.parameter("case")) {
    std::erase_if(*trials, [&](const model::Trial& trial) { return trial.case_name != *wanted; });
  }
  Response answer = json_answer(wire::trials(*trials));
  return model::is_terminal(run->state) ? tagged_answer(std::move(answer)) : answer;
}

Response show_trial(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto trial = context.reader.trial(path.at(0));
  if (!trial) return problem_answer(trial.error(), request);
  return json_answer(wire::trial(*trial));
}

Response list_measurements(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto trial = context.reader.trial(path.at(0));
  if (!trial) return problem_answer(trial.error(), request);
  const auto phases = context.reader.phases(trial->id);
  if (!phases) return problem_answer(phases.error(), request);
  std::map<std::string, std::vector<std::string>> kinds;
  for (const model::PhaseResult& phase : *phases) {
    const auto histograms = context.reader.histograms(trial->id, phase.phase);
    if (!histograms) return problem_answer(histograms.error(), request);
    for (const model::EncodedHistogram& histogram : *histograms) kinds[phase.phase].push_back(histogram.kind);
  }
  return json_answer(wire::measurements(*trial, *phases, kinds));
}

Response show_samples(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto points = int_parameter(request, "resolution", {1, 2000, 600});
  if (!points) return problem_answer(points.error(), request.id);
  const auto trial = context.reader.trial(path.at(0));
  if (!trial) return problem_answer(trial.error(), request);
  Nanos width{};
  auto series = context.reader.samples(trial->id, width);
  if (!series) return problem_answer(series.error(), request);
  keep_phase(*series, request);
  if (count_of(*series) > static_cast<std::size_t>(*points)) {
    width = width_for(*series, *points);
    series = context.reader.samples(trial->id, width);
    if (!series) return problem_answer(series.error(), request);
    keep_phase(*series, request);
  }
  return json_answer(wire::samples(*trial, *series, width));
}

Response show_seconds(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto trial = context.reader.trial(path.at(0));
  if (!trial) return problem_answer(trial.error(), request);
  auto series = context.reader.seconds(trial->id);
  if (!series) return problem_answer(series.error(), request);
  const auto phases = context.reader.phases(trial->id);
  if (!phases) return problem_answer(phases.error(), request);
  keep_phase(*series, request);
  return json_answer(wire::seconds(*trial, *series, *phases));
}

Response show_histogram(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto phase = request.parameter("phase");
  if (!phase) return problem_answer(bad_parameter("phase", "phase is missing: which one?"), request.id);
  const std::string_view as = request.parameter("as").value_or("percentiles");
  if (as != "percentiles" && as != "v2" && as != "hgrm")
    return problem_answer(bad_parameter("as", "as is percentiles, v2 or hgrm"), request.id);
  const auto trial = context.reader.trial(path.at(0));
  if (!trial) return problem_answer(trial.error(), request);
  const auto all = context.reader.histograms(trial->id, std::string(*phase));
  if (!all) return problem_answer(all.error(), request);
  const model::EncodedHistogram* const chosen = choose(*all, request.parameter("kind"));
  if (chosen == nullptr)
    return problem_answer(Error{ErrorCode::not_found, "the trial has no such histogram for this phase"}, request);
  const auto histogram = stats::Histogram::decode(chosen->v2);
  if (!histogram) return problem_answer(histogram.error(), request);
  if (as == "hgrm") return text_answer(histogram->hgrm());
  const wire::HistogramView view{trial->id, std::string(*phase), chosen->kind, *histogram};
  return json_answer(as == "v2" ? wire::histogram_v2(view) : wire::histogram_percentiles(view));
}

}  // namespace dyno::api
