#include "integration/store/small_run.h"

#include <fmt/format.h>

#include <string>

#include "base/encoding.h"
#include "base/id.h"

namespace dyno::store {
namespace {

using model::RunState;

model::PhaseResult phase_of(int serial) {
  model::PhaseResult r;
  r.phase = fmt::format("json/c{}", serial);
  r.window_end = monotonic_from_ns(3'000'000'000);
  r.good = serial;
  r.readings.emplace_back().value = serial;
  r.seconds.assign(3, {});
  r.histograms = {{"service", to_base64(std::string(static_cast<std::size_t>(500 + serial % 4000), 'h'))}};
  return r;
}

std::vector<model::Sample> timeline() {
  std::vector<model::Sample> samples;
  for (int i = 0; i < 30; ++i)
    samples.push_back({monotonic_from_ns(i * std::int64_t{100'000'000}), mib(40), mib(50), i * std::int64_t{1000}, 0});
  return samples;
}

}  // namespace

model::Job small_job() {
  model::Job job;
  job.stacks.emplace_back().name = "go-nethttp";
  job.request.profile = "quick";
  return job;
}

std::vector<model::RunEvent> events_of_small_run(Clock& clock, int trials, int& serial) {
  std::vector<model::RunEvent> events;
  const auto enter = [&](RunState state) { events.emplace_back(model::RunStateChanged{state, {}}); };
  for (const RunState state : {RunState::acquiring, RunState::preparing, RunState::running}) enter(state);
  for (int index = 0; index < trials; ++index) {
    const std::string trial = new_id(clock.wall_now());
    events.emplace_back(model::TrialStarted{
        trial, {1, index, 0, model::TrialKind::load, model::StartKind::warm, 1}, "go-nethttp/single", "go-nethttp"});
    for (int phase = 0; phase < 3; ++phase)
      events.emplace_back(model::PhaseFinished{trial, phase_of(++serial), timeline()});
    events.emplace_back(
        model::TrialFinished{trial, model::TrialState::succeeded, model::TrialFailure::none, {}, {}, {}, false});
  }
  for (const RunState state : {RunState::collecting, RunState::analyzing, RunState::succeeded}) enter(state);
  return events;
}

}  // namespace dyno::store
