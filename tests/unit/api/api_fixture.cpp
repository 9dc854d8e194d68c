#include "api_fixture.h"

#include "../store/sample_run.h"
#include "api/finish_answer.h"
#include "api/request.h"
#include "fakes/reading.h"
#include "schema_check.h"
#include "stats/histogram.h"

namespace dyno::api {
namespace {

model::Stack make_stack(const std::string& name) {
  model::Stack stack;
  stack.name = name;
  stack.title = "Title of " + name;
  stack.run.command = {"/app/server"};
  stack.offered_modes = {model::Mode::single};
  stack.workloads = {"plaintext", "json"};
  stack.hash = "sha256:9b1c";
  return stack;
}

model::Profile make_profile(const std::string& name) {
  model::Profile profile;
  profile.name = name;
  profile.purpose = "for tests";
  model::ProfilePhase closed;
  closed.workload = "json";
  closed.name = "json/c32";
  closed.as = "cap";
  model::ProfilePhase open = closed;
  open.name = "json/c32/r60%";
  open.as = "";
  open.loop = model::Loop::open;
  open.rate = model::ShareOfCap{0.6, "cap"};
  model::ProfilePhase fixed = open;
  fixed.name = "json/c32/r1000";
  fixed.rate = Rate{1000};
  profile.phases = {closed, open, fixed};
  profile.hash = "sha256:77aa";
  return profile;
}

// One that a trial decides, and one at a rate that no profile here has.
std::vector<model::Objective> some_objectives() {
  model::Objective idle{.text = "idle memory < 16 MiB", .metric = model::MetricName::idle_pss_bytes};
  idle.limit = 16 << 20;
  model::Objective rate{.text = "p99 of json at 400/s < 20 ms"};
  rate.workload = "json";
  rate.load = model::ObjectiveLoad::rate;
  rate.at = 400;
  rate.limit = 20e6;
  idle.file = rate.file = "stack.yaml";
  idle.line = 12;
  rate.line = 13;
  return {idle, rate};
}

model::Schedule make_schedule(const std::string& name) {
  model::Schedule schedule;
  schedule.name = name;
  schedule.stacks = {"*"};
  schedule.profile = "quick";
  schedule.cron = "30 2 * * *";
  schedule.time_zone = "Europe/Berlin";
  return schedule;
}

}  // namespace

ApiFixture::ApiFixture(std::unique_ptr<store::Database> database)
    : database_(std::move(database)),
      context_{reader_,
               feed_,
               clock_,
               {[this] { return catalog_; },
                [this] {
                  ++rescans_;
                  return catalog_;
                },
                [](std::string_view kind) -> Result<std::string> {
                  if (kind == "stack") return std::string("{}");
                  return fail(ErrorCode::not_found, "there is no such schema");
                }},
               {[this](const store::RequestKey& key) { return repository_.earlier(key, clock_.wall_now()); },
                [this](const model::RunRequest& request,
                       const std::optional<store::RequestKey>& key) -> tl::expected<store::Enqueued, run::Refusal> {
                  if (refusal_) return tl::unexpected<run::Refusal>(*refusal_);
                  started_.push_back(request);
                  model::Job job;
                  job.request = request;
                  for (const std::string& name : request.stacks) job.stacks.emplace_back().name = name;
                  auto stored = repository_.enqueue(job, clock_.wall_now(), key);
                  if (!stored) return tl::unexpected<run::Refusal>({run::Refused::other, std::move(stored.error())});
                  return std::move(*stored);
                },
                [this](const std::string& id) -> Status {
                  const std::lock_guard lock(mutex_);
                  cancelled_.push_back(id);
                  return {};
                },
                [this] { return queue_; }},
               [this] { return checks_; },
               {"0.1.0", "a4ba787", 1},
               "",
               &present_build_,
               {.list =
                    [this] {
                      std::vector<ScheduleEntry> entries;
                      for (const model::Schedule& schedule : catalog_->schedules) entries.push_back({schedule});
                      return entries;
                    },
                .add = {},
                .change = {},
                .remove = {},
                .pause = {},
                .run = {}},
               {.all = [] { return Result<std::vector<model::Baseline>>(std::vector<model::Baseline>{}); },
                .find = [](const std::string&) { return Result<std::optional<model::Baseline>>(std::nullopt); },
                .put = {},
                .remove = {}}},
      api_(context_) {
  catalog_->stacks = {make_stack("node-fastify"), make_stack("go-nethttp")};
  catalog_->profiles = {make_profile("quick")};
  catalog_->schedules = {make_schedule("nightly")};
  catalog_->problems = {{"stacks/broken/stack.yaml", 14, 3, "/readyness", "unknown_key",
                         "unknown key \"readyness\"; did you mean readiness?"}};
}

Response ApiFixture::ask(const std::string& method, const std::string& text, Headers headers, const std::string& body) {
  Request request;
  request.id = "req-1";
  request.method = method;
  request.headers = std::move(headers);
  request.body = body;
  const auto target = parse_target(text);
  EXPECT_TRUE(target) << text;
  request.path = target->path;
  request.segments = target->segments;
  request.query = target->query;
  return finish_answer(request, api_.handle(request));
}

nlohmann::json ApiFixture::get_json(const std::string& target, const std::string& schema) {
  const Response answer = get(target);
  EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
  EXPECT_EQ(answer.content_type, "application/json") << target;
  auto json = nlohmann::json::parse(answer.body, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << target;
  const auto faults = breaks_schema(json, schema);
  EXPECT_TRUE(faults.empty()) << target << ": " << faults.front();
  return json;
}

nlohmann::json ApiFixture::problem_of_answer(const Response& answer, int status) {
  EXPECT_EQ(answer.status, status) << answer.body;
  EXPECT_EQ(answer.content_type, "application/problem+json");
  auto json = nlohmann::json::parse(answer.body, nullptr, false);
  const auto faults = breaks_schema(json, "Problem");
  EXPECT_TRUE(faults.empty()) << faults.front();
  EXPECT_EQ(json["status"], status);
  EXPECT_EQ(json["instance"], "req-1");
  return json;
}

std::string ApiFixture::queue_run() {
  model::Job job = store::sample_job();
  for (model::Stack& stack : job.stacks) stack.objectives = some_objectives();
  return repository_.enqueue(job, clock_.wall_now())->run_id;
}

std::string ApiFixture::tell_run() {
  const std::string id = queue_run();
  store::tell_trial(journal_, id, kTrial);
  model::PhaseResult phase = store::sample_phase("json/c32/r60%", 2);
  phase.window_begin = monotonic_from_ns(9'000'000'000);
  phase.window_end = monotonic_from_ns(11'000'000'000);
  auto timeline = store::sample_timeline(20);
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    timeline[i].at = phase.window_begin + std::chrono::milliseconds(100) * static_cast<int>(i);
    timeline[i].cpu_ns += 4'000'000'000;
  }
  phase.offered_per_s = 600;
  using M = model::MetricName;
  phase.readings = {fakes::reading(M::throughput_per_s, 598.5), fakes::absent(M::latency_p50_ns, "too few answers"),
                    fakes::reading(M::latency_p99_ns, 2.5e6, model::Validity::degraded)};
  phase.readings[2].gates = {model::GateName::steal};
  stats::Histogram histogram;
  for (int i = 1; i <= 20'000; ++i) histogram.record(i * 1000);
  phase.histograms = {{"response", histogram.encode()}, {"service", histogram.encode()}};
  const std::string other = std::string(kTrial).substr(0, 35) + "1";
  const model::PlannedTrial planned{1, 1, 0, model::TrialKind::load, model::StartKind::warm, 1};
  store::must_append(journal_, id, 40, model::TrialStarted{other, planned, "node-fastify/single", "node-fastify"});
  store::must_append(journal_, id, 41, model::StartupMeasured{other, store::sample_marks()});
  store::must_append(journal_, id, 42, model::PhaseFinished{other, phase, timeline});
  store::must_append(journal_, id, 43,
                     model::TrialFinished{other,
                                          model::TrialState::failed,
                                          model::TrialFailure::crashed,
                                          "exit code 139",
                                          "boom\x1b[31m\xff",
                                          {},
                                          true,
                                          {fakes::reading(M::app_startup_ns, 50e6)},
                                          {}});
  return id;
}

void ApiFixture::finish(const std::string& run_id) {
  int second = 50;
  for (const auto state : {model::RunState::collecting, model::RunState::analyzing, model::RunState::succeeded}) {
    store::must_append(journal_, run_id, second++, model::RunStateChanged{state, {}});
  }
}

}  // namespace dyno::api
