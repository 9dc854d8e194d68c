#include "page/made_run.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <string>
#include <utility>

#include "base/encoding.h"
#include "base/id.h"
#include "base/random.h"
#include "fakes/reading.h"

namespace dyno::bench {
namespace {

using namespace std::chrono_literals;
using M = model::MetricName;
using model::TrialStep;

constexpr std::uint64_t kSeed = 20261130;
// Of `quick`: a second of warm-up, three that count; the load generator tells of each.
constexpr int kWarmUpSeconds = 1;
constexpr int kMeasuredSeconds = 3;
constexpr Nanos kPhase = std::chrono::seconds(kWarmUpSeconds + kMeasuredSeconds) + 100ms;
constexpr Nanos kStart = 600ms;
constexpr Nanos kQuiet = 2s;
constexpr Nanos kVerifying = 400ms;
constexpr Nanos kStopping = 100ms;
constexpr Nanos kBetweenTrials = 500ms;
constexpr Nanos kSampleEvery = 100ms;
constexpr std::size_t kHistogramBytes = 1200;  // of one that was measured (daemon/docs/storage.md, Size)

constexpr std::array kOfPhase{M::throughput_per_s,
                              M::service_time_p50_ns,
                              M::service_time_p90_ns,
                              M::service_time_p99_ns,
                              M::service_time_p999_ns,
                              M::service_time_mean_ns,
                              M::error_ratio,
                              M::app_cpu_ns_per_request,
                              M::app_cpu_cores,
                              M::throttled_ns,
                              M::loaded_private_median_bytes,
                              M::loaded_private_peak_bytes,
                              M::loaded_docker_equivalent_median_bytes,
                              M::loaded_cgroup_peak_bytes,
                              M::service_cpu_ns_per_request,
                              M::service_cpu_cores,
                              M::service_private_median_bytes,
                              M::service_private_peak_bytes,
                              M::loader_cpu_ratio,
                              M::loader_lag_p99_ns,
                              M::loader_late_ratio,
                              M::control_ns};
constexpr std::array kLatencies{M::latency_p50_ns, M::latency_p90_ns, M::latency_p99_ns, M::latency_p999_ns};
constexpr std::array kOfOpen{M::offered_per_s, M::latency_max_ns, M::send_error_p50_ns, M::send_error_p99_ns};
constexpr std::array kOfDeliveries{M::deliveries_per_s, M::delivery_p50_ns,  M::delivery_p90_ns,
                                   M::delivery_p99_ns,  M::delivery_p999_ns, M::delivery_fault_ratio};
constexpr std::array kOfTrial{M::app_startup_ns,
                              M::startup_ns,
                              M::create_to_good_ns,
                              M::listen_ns,
                              M::engine_ns,
                              M::sandbox_ns,
                              M::idle_pss_bytes,
                              M::idle_private_bytes,
                              M::idle_docker_equivalent_bytes,
                              M::idle_cgroup_peak_bytes,
                              M::retained_pss_bytes,
                              M::retained_private_bytes,
                              M::retained_docker_equivalent_bytes,
                              M::retained_cgroup_peak_bytes,
                              M::stop_ns};

// About a level of the metric's and the stack's own, with some two per cent of noise; errors are none.
double value_of(M metric, int stack, Random& random) {
  if (metric == M::error_ratio || metric == M::delivery_fault_ratio || metric == M::throttled_ns) return 0;
  const double noise = random.unit() + random.unit() + random.unit() - 1.5;
  return 1e5 * (1 + static_cast<double>(metric)) * (1 + 0.1 * stack) * (1 + 0.04 * noise);
}

void add(std::vector<model::Reading>& readings, std::span<const M> metrics, int stack, Random& random) {
  for (const M metric : metrics)
    readings.push_back(
        fakes::reading(metric, value_of(metric, stack, random), model::Validity::valid, model::Bound::server));
}

// One phase in forty is marked by a gate, one in two hundred struck out.
void judge(model::PhaseResult& phase, Random& random) {
  phase.verdict.bound = model::Bound::server;
  const std::uint64_t luck = random.below(200);
  if (luck >= 5) return;
  const auto validity = luck == 0 ? model::Validity::invalid : model::Validity::degraded;
  phase.verdict.validity = validity;
  phase.verdict.gates = {{model::GateName::steal, validity, "The hypervisor took 2.1 % of the CPU time (limit 1 %)"}};
  for (model::Reading& reading : phase.readings) {
    if (!reading.value) continue;
    reading.validity = validity;
    reading.gates = {model::GateName::steal};
  }
}

std::vector<model::Reading> readings_of(const model::ProfilePhase& asked, int stack, Random& random) {
  std::vector<model::Reading> readings;
  add(readings, kOfPhase, stack, random);
  if (asked.loop == model::Loop::open) {
    add(readings, kLatencies, stack, random);
    add(readings, kOfOpen, stack, random);
  } else {
    for (const M metric : kLatencies)
      readings.push_back(fakes::absent(metric, "a closed loop knows no intended start, so it has no latency"));
    readings.push_back(fakes::reading(M::little_ratio, 1));
  }
  if (asked.workload == "sse") add(readings, kOfDeliveries, stack, random);
  std::sort(readings.begin(), readings.end(), [](const auto& a, const auto& b) { return a.metric < b.metric; });
  return readings;
}

// Of the length of one; nobody decodes it while the run goes on.
model::EncodedHistogram histogram_of(const char* kind, Random& random) {
  std::string bytes(kHistogramBytes, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.below(256));
  return {kind, to_base64(bytes)};
}

model::PhaseResult phase_of(const model::ProfilePhase& asked, int stack, MonotonicTime begin, Random& random) {
  model::PhaseResult phase;
  phase.phase = asked.name;
  phase.window_begin = begin + std::chrono::seconds(kWarmUpSeconds);
  phase.window_end = phase.window_begin + std::chrono::seconds(kMeasuredSeconds);
  phase.readings = readings_of(asked, stack, random);
  phase.good = static_cast<std::int64_t>(kMeasuredSeconds * *phase.readings.front().value);
  phase.sent = phase.good;
  phase.in_flight = asked.connections;
  phase.bytes_received = 150 * phase.good;
  phase.histograms = {histogram_of("service", random)};
  if (asked.loop == model::Loop::open) {
    phase.offered_per_s = phase.readings.front().value;
    phase.histograms.insert(phase.histograms.begin(), histogram_of("response", random));
    phase.histograms.push_back(histogram_of("send_error", random));
  }
  for (int i = 0; i < kMeasuredSeconds; ++i)
    phase.seconds.push_back({i, phase.good / kMeasuredSeconds, 0, 1'400'000 + i * 1000, 2'100'000 + i * 1700});
  phase.transport = "epoll";
  phase.timer_mode = asked.loop == model::Loop::open ? "hybrid" : "none";
  judge(phase, random);
  return phase;
}

std::vector<model::Sample> samples_of(MonotonicTime begin, Nanos length) {
  std::vector<model::Sample> samples;
  for (Nanos at{}; at < length; at += kSampleEvery) {
    const auto i = static_cast<std::int64_t>(samples.size());
    samples.push_back({begin + at, mib(40 + i % 7), mib(52 + i % 5), (begin + at).time_since_epoch().count(), 0});
  }
  return samples;
}

model::StartupMarks marks_of(MonotonicTime begin) {
  model::StartupMarks marks;
  marks.create_call = begin + 150ms;
  marks.start_call = begin + 240ms;
  marks.exec = begin + 420ms;
  marks.listen = begin + 470ms;
  marks.first_good = begin + 475ms;
  marks.sandbox = 140ms;
  return marks;
}

constexpr model::MemoryReading kQuietMemory{mib(20), mib(12), mib(22), mib(30)};

}  // namespace

Nanos MadeRun::trial_length() const {
  return kStart + kQuiet + kVerifying + kPhase * static_cast<int>(job_.profile.phases.size()) + kQuiet + kStopping +
         kBetweenTrials;
}

std::vector<model::RunEvent> MadeRun::beginning() const {
  std::vector<model::RunEvent> events;
  events.emplace_back(model::RunStateChanged{model::RunState::acquiring, {}});
  events.emplace_back(model::RunStateChanged{model::RunState::preparing, {}});
  events.emplace_back(model::EnvironmentRecorded{{{{"cpu_model", "made", true}}, "e1:0123456789abcdef"}, {}});
  for (const model::Stack& stack : job_.stacks) {
    model::RunStack prepared;
    prepared.name = stack.name;
    prepared.title = stack.title;
    prepared.runtime = model::to_string(stack.runtime);
    prepared.stack_class = model::to_string(stack.stack_class);
    prepared.hash = stack.hash;
    prepared.image_id = stack.hash;
    prepared.base_kind = "official";
    prepared.image_bytes = mib(70);
    events.emplace_back(model::StackPrepared{std::move(prepared)});
  }
  events.emplace_back(model::PlanMade{trial_length() * trials(), trials(), false});
  events.emplace_back(model::RunStateChanged{model::RunState::running, {}});
  return events;
}

model::Progress MadeRun::progress(int index, WallTime now, TrialStep step, const std::string& phase) const {
  model::Progress progress;
  progress.block = index / trials_in_block() + 1;
  progress.blocks = job_.profile.blocks;
  progress.case_name = job_.stacks[static_cast<std::size_t>(index % trials_in_block())].name + "/single";
  progress.step = model::to_string(step);
  progress.phase = phase;
  progress.done_ratio = static_cast<double>(index) / trials();
  progress.eta_at = now + trial_length() * (trials() - index);
  return progress;
}

std::vector<Moment> MadeRun::trial(int index, WallTime begin) const {
  const int stack = index % trials_in_block();
  const std::string trial_id = new_id(begin);
  const MonotonicTime from(begin.time_since_epoch());  // any clock will do
  Random random(kSeed + static_cast<std::uint64_t>(index));
  std::vector<Moment> all;
  Nanos at{};
  const auto tell = [&](model::RunEvent event) { all.push_back({at, std::move(event)}); };
  const auto step = [&](TrialStep which, const std::string& phase = {}) {
    tell(model::TrialStepped{trial_id, which, phase, progress(index, begin + at, which, phase)});
  };
  const auto watch = [&](int second, const std::string& phase) {
    const auto which = second <= kWarmUpSeconds ? TrialStep::warming_up : TrialStep::loading;
    const double rate = value_of(M::throughput_per_s, stack, random);
    all.push_back({at + std::chrono::seconds(second),
                   model::LiveSample{id(), progress(index, begin + at, which, phase), rate, 2'100'000, 0, mib(40)}});
  };
  const model::Progress now = progress(index, begin, TrialStep::starting, {});
  const std::string& name = job_.stacks[static_cast<std::size_t>(stack)].name;
  tell(model::TrialStarted{
      trial_id, {now.block, index, stack, model::TrialKind::load, model::StartKind::warm, 1}, now.case_name, name});
  step(TrialStep::starting);
  for (const model::Service& service : job_.services) tell(model::ServiceReset{trial_id, service.name, 90ms});
  at += kStart;
  tell(model::StartupMeasured{trial_id, marks_of(from)});
  step(TrialStep::idle);
  at += kQuiet;
  tell(model::MemoryMeasured{trial_id, model::MemoryMoment::idle, kQuietMemory});
  step(TrialStep::verifying);
  at += kVerifying;
  for (const model::ProfilePhase& phase : job_.profile.phases) {
    step(TrialStep::loading, phase.name);
    for (int second = 1; second <= kWarmUpSeconds + kMeasuredSeconds; ++second) watch(second, phase.name);
    const MonotonicTime phase_begin = from + at;
    at += kPhase;
    tell(model::PhaseFinished{trial_id, phase_of(phase, stack, phase_begin, random), samples_of(phase_begin, kPhase)});
  }
  step(TrialStep::retaining);
  at += kQuiet;
  tell(model::MemoryMeasured{trial_id, model::MemoryMoment::retained, kQuietMemory,
                             samples_of(from + at - kQuiet, kQuiet)});
  step(TrialStep::stopping);
  at += kStopping;
  model::TrialFinished finished{trial_id, model::TrialState::succeeded, model::TrialFailure::none, {}, {}, 70ms, false};
  add(finished.readings, kOfTrial, stack, random);
  tell(std::move(finished));
  return all;
}

}  // namespace dyno::bench
