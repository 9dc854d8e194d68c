#include "sample_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "fakes/reading.h"

namespace dyno::store {

using model::RunState;

WallTime at_second(int second) {
  return wall_from_ns(1'767'225'600'000'000'000 + second * std::int64_t{1'000'000'000});
}

model::Stack sample_stack(const std::string& name) {
  model::Stack stack;
  stack.name = name;
  stack.title = name == "go-nethttp" ? "Go net/http" : "";
  stack.runtime = name == "go-nethttp" ? model::Runtime::go : model::Runtime::node;
  stack.hash = "sha256:9b1c";
  return stack;
}

model::Job sample_job(const std::vector<std::string>& stacks) {
  model::Job job;
  job.request.stacks = stacks;
  job.request.profile = "quick";
  job.request.seed = 13835058055282163712ULL;
  job.request.note = "after the change";
  job.request.trigger = model::Trigger::api;
  for (const std::string& name : stacks) job.stacks.push_back(sample_stack(name));
  job.profile.name = "quick";
  job.profile.hash = "sha256:77aa";
  job.profile.blocks = 3;
  job.plan_version = 1;
  job.contract_version = "1";
  return job;
}

model::RunStack sample_image() {
  model::RunStack stack;
  stack.name = "go-nethttp";
  stack.title = "Go net/http";
  stack.runtime = "go";
  stack.stack_class = "production";
  stack.hash = "sha256:9b1c";
  stack.image_id = "sha256:41f0";
  stack.base_kind = "stand_in";
  stack.image_bytes = mib(12);
  stack.build = std::chrono::seconds(31);
  return stack;
}

std::vector<model::Sample> sample_timeline(int samples) {
  std::vector<model::Sample> timeline;
  for (int i = 0; i < samples; ++i) {
    timeline.push_back({monotonic_from_ns(5'000'000'000 + i * std::int64_t{100'031'007}), mib(40 + i % 7),
                        mib(52 + i % 5), 1'000'000'000 + i * std::int64_t{97'412'345}, 0});
  }
  return timeline;
}

model::PhaseResult sample_phase(const std::string& name, int seconds) {
  model::PhaseResult r;
  r.phase = name;
  r.window_begin = monotonic_from_ns(5'000'000'000);
  r.window_end = monotonic_from_ns(5'000'000'000 + seconds * std::int64_t{1'000'000'000});
  r.good = 65'520;
  r.sent = 65'552;
  r.in_flight = 32;
  r.errors.timeout = 2;
  r.errors.bad_body = 1;
  r.bytes_received = 9'000'000;
  r.histograms = {{"service", to_base64(std::string("\x1c\x84\x93\x14\x00\x00", 6))}, {"response", to_base64("x")}};
  for (int i = 0; i < seconds; ++i)
    r.seconds.push_back({i, 21'840 + i * 37, i == 1 ? 3 : 0, 1'450'000 + i * 1000, std::nullopt});
  using M = model::MetricName;
  r.readings = {fakes::reading(M::throughput_per_s, 21840.5, model::Validity::degraded, model::Bound::server),
                fakes::absent(M::latency_p99_ns, "closed loop"),
                fakes::reading(M::service_time_p50_ns, 1.45e6, model::Validity::degraded, model::Bound::server),
                fakes::reading(M::error_ratio, 4.6e-5)};
  r.readings[0].gates = {model::GateName::steal};
  r.readings[2].gates = {model::GateName::steal};
  r.verdict = {model::Validity::degraded,
               model::Bound::server,
               {{model::GateName::steal, model::Validity::degraded, "steal 2 %"}}};
  r.transport = "epoll";
  r.timer_mode = "none";
  return r;
}

model::StartupMarks sample_marks() {
  model::StartupMarks m;
  m.create_call = monotonic_from_ns(1'000'000'000);
  m.start_call = monotonic_from_ns(1'100'000'000);
  m.exec = monotonic_from_ns(1'200'000'000);
  m.listen = monotonic_from_ns(1'249'000'000);
  m.first_good = monotonic_from_ns(1'250'000'000);
  m.sandbox = std::chrono::milliseconds(140);
  return m;
}

model::Build sample_build() {
  model::Build build;
  build.name = "go-nethttp";
  build.state = model::BuildState::failed;
  build.step = "Step 3/4 : RUN go build";
  build.lines = 402;
  build.bytes = sample_build_log().told_bytes();
  build.duration = std::chrono::seconds(3);
  return build;
}

model::BuildLog sample_build_log() {
  model::BuildLog log;
  model::add_line(log, "Step 3/4 : RUN go build");
  model::add_line(log, "main.go:7: undefined: server");
  for (int i = 0; i < 400; ++i) model::add_line(log, fmt::format("noise {}", i));
  return log;
}

void must_append(Journal& journal, const std::string& run_id, int second, const model::RunEvent& event) {
  const Result<std::int64_t> id = journal.append(run_id, at_second(second), event);
  ASSERT_TRUE(id) << id.error().message;
}

void tell_beginning(Journal& journal, const std::string& run_id) {
  int second = 10;
  const auto tell = [&](const model::RunEvent& event) { must_append(journal, run_id, second++, event); };
  tell(model::RunStateChanged{RunState::acquiring, {}});
  tell(model::RunStateChanged{RunState::preparing, {}});
  tell(model::EnvironmentRecorded{{{{"kernel", "6.1", false}, {"cpu_model", "x", true}}, "e1:0123456789abcdef"},
                                  {{model::GateName::governor, model::Validity::degraded, "governor is powersave"}}});
  tell(model::StackPrepared{sample_image()});
  tell(model::PlanMade{std::chrono::minutes(4), 6, true});
  tell(model::RunStateChanged{RunState::running, {}});
}

void tell_trial_alone(Journal& journal, const std::string& run_id, const std::string& trial_id) {
  int second = 16;
  const auto tell = [&](const model::RunEvent& event) { must_append(journal, run_id, second++, event); };
  tell(model::TrialStarted{
      trial_id, {1, 0, 0, model::TrialKind::load, model::StartKind::warm, 1}, "go-nethttp/single", "go-nethttp"});
  tell(model::StartupMeasured{trial_id, sample_marks()});
  tell(model::MemoryMeasured{trial_id, model::MemoryMoment::idle, {mib(20), mib(12), std::nullopt, mib(30)}});
  tell(model::TrialStepped{trial_id,
                           model::TrialStep::loading,
                           "json/c32",
                           {1, 3, "go-nethttp/single", "loading", "json/c32", 0.25, at_second(99)}});
  tell(model::PhaseFinished{trial_id, sample_phase("json/c32", 3), sample_timeline(30)});
  tell(model::PhaseFinished{trial_id, sample_phase("plaintext/c32", 3), sample_timeline(30)});
  model::TrialFinished finished{
      trial_id, model::TrialState::succeeded, model::TrialFailure::none, {}, {}, std::chrono::milliseconds(70), false};
  using M = model::MetricName;
  finished.readings = {fakes::reading(M::app_startup_ns, 50e6, model::Validity::invalid),
                       fakes::reading(M::idle_pss_bytes, 20 << 20),
                       fakes::absent(M::idle_docker_equivalent_bytes, "this kernel does not report it"),
                       fakes::reading(M::stop_ns, 70e6)};
  finished.readings[0].gates = {model::GateName::start_steal};
  finished.verdict.validity = model::Validity::invalid;
  finished.verdict.gates = {{model::GateName::start_steal, model::Validity::invalid, "stolen"}};
  tell(finished);
}

void tell_trial(Journal& journal, const std::string& run_id, const std::string& trial_id) {
  tell_beginning(journal, run_id);
  tell_trial_alone(journal, run_id, trial_id);
}

}  // namespace dyno::store
