#include "small_daemon.h"

#include <gtest/gtest.h>

#include <chrono>

#include "api/request.h"
#include "run/resolve.h"

namespace dyno::seams {

using model::RunState;

// A bound for what takes milliseconds, so that what never comes is a failure with words.
constexpr std::chrono::seconds kLongestWait(60);

void Stage::let_go(int runs) {
  const std::lock_guard lock(mutex_);
  permits_ += runs;
  changed_.notify_all();
}

void Stage::await_begun(int runs) {
  std::unique_lock lock(mutex_);
  const auto begun = [&] { return static_cast<int>(begun_.size()) >= runs; };
  EXPECT_TRUE(changed_.wait_for(lock, kLongestWait, begun)) << begun_.size() << " of " << runs << " runs began";
}

void Stage::await_succeeded(int runs) {
  std::unique_lock lock(mutex_);
  const auto ended = [&] { return succeeded_ >= runs; };
  EXPECT_TRUE(changed_.wait_for(lock, kLongestWait, ended)) << succeeded_ << " of " << runs << " runs succeeded";
}

std::vector<std::string> Stage::begun() const {
  const std::lock_guard lock(mutex_);
  return begun_;
}

RunState Stage::execute(store::Journal& journal, Clock& clock, const std::string& run_id, const std::stop_token& stop,
                        const std::function<bool()>& interrupting) {
  const auto tell = [&](RunState state) {
    EXPECT_TRUE(journal.append(run_id, clock.wall_now(), model::RunStateChanged{state, {}})) << run_id;
  };
  for (const RunState state : {RunState::acquiring, RunState::preparing, RunState::running}) tell(state);
  bool stopped = false;
  {
    std::unique_lock lock(mutex_);
    begun_.push_back(run_id);
    changed_.notify_all();
    stopped = !changed_.wait(lock, stop, [&] { return permits_ > 0; });
    if (!stopped) --permits_;
  }
  if (stopped) {
    if (interrupting()) {
      EXPECT_TRUE(journal.append(run_id, clock.wall_now(), model::RunResumed{"the daemon was stopped", 0})) << run_id;
      return RunState::queued;
    }
    tell(RunState::cancelled);
    return RunState::cancelled;
  }
  if (measure) measure(journal, clock, run_id);
  for (const RunState state : {RunState::collecting, RunState::analyzing, RunState::succeeded}) tell(state);
  const std::lock_guard lock(mutex_);
  ++succeeded_;
  changed_.notify_all();
  return RunState::succeeded;
}

SmallDaemon::SmallDaemon(store::Database& database, fakes::FakeClock& clock, Stage& stage, api::CatalogView catalog)
    : clock_(clock),
      stage_(stage),
      catalog_(std::make_shared<api::CatalogView>(std::move(catalog))),
      journal_(database, feed_),
      repository_(database, feed_),
      definitions_(database),
      reader_(database),
      context_(context()),
      api_(context_) {
  const auto unfinished = repository_.settle_unfinished(clock_.wall_now());
  EXPECT_TRUE(unfinished);
  service_ = std::make_unique<run::RunService>(calls(), clock_);
  submission_.emplace(
      [this](const model::RunRequest& request) {
        return run::resolve(request, catalog_->stacks, catalog_->profiles, {});
      },
      *service_, repository_, reader_, clock_);
  for (const std::string& id : unfinished->resumed) EXPECT_TRUE(submission_->resume(id, run::Arrival::begun));
  for (const std::string& id : unfinished->placed) EXPECT_TRUE(submission_->resume(id, run::Arrival::behind));
  for (const std::string& id : unfinished->queued) EXPECT_TRUE(submission_->resume(id));
  schedules_.emplace(clock_, *submission_, repository_, definitions_, reader_);
  context_.schedules = schedules_->calls();
  schedules_->replace(catalog_->schedules);
}

SmallDaemon::~SmallDaemon() {
  feed_.close();
  schedules_.reset();
  service_.reset();
}

run::RunServiceCalls SmallDaemon::calls() {
  return {
      .execute =
          [this](const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting) {
            return run::Executed{.state = stage_.execute(journal_, clock_, job.run_id, stop, interrupting)};
          },
      .tell =
          [this](const std::string& run_id, const model::RunEvent& event) {
            const auto stored = journal_.append(run_id, clock_.wall_now(), event);
            return stored ? Status() : fail(stored.error());
          },
      .keep_cancel = [this](const std::string& run_id) { return repository_.ask_cancel(run_id, clock_.wall_now()); },
      .keep_order = [this](const std::vector<std::string>& ids) { return repository_.keep_order(ids); }};
}

api::ApiContext SmallDaemon::context() {
  return {
      .reader = reader_,
      .feed = feed_,
      .clock = clock_,
      .catalog = {.current = [this] { return catalog_; },
                  .rescan = [this] { return catalog_; },
                  .schema = [](std::string_view) -> Result<std::string> { return std::string("{}"); }},
      .runs = {
          .earlier = [this](const store::RequestKey& key) { return repository_.earlier(key, clock_.wall_now()); },

          .start = [this](const model::RunRequest& request,
                          const std::optional<store::RequestKey>& key) { return submission_->start(request, key); },
          .cancel = [this](const std::string& run_id) { return service_->cancel(run_id); },
          .queue = [this] { return service_->queue(); },
          .hold = [this] { return service_->hold(); },
          .move = [this](const std::string& run_id, std::size_t position) { return service_->move(run_id, position); },
          .retry = [this](const std::string& run_id) { return submission_->retry(run_id); }},
      .health = [] { return std::vector<api::HealthCheck>{}; },
      .build = {.version = "0", .git = "", .schema_version = 1},
      .web_dir = "",
      .present_build = nullptr,
      .schedules = {}};
}

api::Response SmallDaemon::post_run(const std::string& body, const std::string& idempotency_key) {
  api::Request request;
  request.id = "req-1";
  request.method = "POST";
  request.headers = {{"content-type", "application/json"}};
  if (!idempotency_key.empty()) request.headers.emplace_back("idempotency-key", idempotency_key);
  request.body = body;
  const auto target = api::parse_target("/api/v1/runs");
  request.path = target->path;
  request.segments = target->segments;
  return api_.handle(request);
}

api::Response SmallDaemon::get(const std::string& target) { return ask("GET", target); }

api::Response SmallDaemon::ask(const std::string& method, const std::string& target, api::Headers headers,
                               const std::string& body) {
  const auto parsed = api::parse_target(target);
  api::Request request;
  request.id = "req-1";
  request.method = method;
  request.headers = std::move(headers);
  request.body = body;
  request.path = parsed->path;
  request.segments = parsed->segments;
  request.query = parsed->query;
  return api_.handle(request);
}

std::size_t SmallDaemon::waiting() const {
  std::size_t count = 0;
  for (const run::QueueEntry& entry : service_->queue()) count += entry.running ? 0 : 1;
  return count;
}

api::CatalogView small_catalog(std::vector<model::Schedule> schedules) {
  api::CatalogView catalog;
  for (const char* const name : {"alpha", "beta"}) {
    model::Stack stack;
    stack.name = name;
    stack.title = name;
    stack.offered_modes = {model::Mode::single};
    stack.workloads = {"json"};
    stack.hash = "sha256:1";
    catalog.stacks.push_back(std::move(stack));
  }
  model::Profile profile;
  profile.name = "quick";
  profile.phases.emplace_back().workload = "json";
  profile.hash = "sha256:2";
  catalog.profiles = {std::move(profile)};
  catalog.schedules = std::move(schedules);
  return catalog;
}

}  // namespace dyno::seams
