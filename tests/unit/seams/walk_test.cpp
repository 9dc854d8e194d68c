// One number from the kernel's file to what dyno prints: the walk of ARCHITECTURE.md, each step through the real piece. The load
// generator and the engine are the fakes, because without a container there is nobody to load; the machine's files are recorded,
// and the test writes the counter as the kernel would.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "cgroup/cgroup_sampler.h"
#include "cli/result_table.h"
#include "cli/wire.h"
#include "model/sampling.h"
#include "results/summarise.h"
#include "unit/run/executor_fixture.h"
#include "unit/seams/small_daemon.h"

namespace dyno::seams {
namespace {

namespace fs = std::filesystem;

// Jumps for the thread that made it, so that a run takes no time; the sampler's thread waits until it has jumped past.
class RunClock final : public Clock {
 public:
  explicit RunClock(std::function<void(MonotonicTime)> moved) : moved_(std::move(moved)) {}

  MonotonicTime now() const override { return clock_.now(); }
  Nanos since_boot() const override { return now().time_since_epoch(); }
  WallTime wall_now() const override { return clock_.wall_now(); }
  WaitOutcome wait_until(MonotonicTime when, std::stop_token stop) override {
    if (std::this_thread::get_id() != mover_) {
      std::unique_lock lock(mutex_);
      return jumped_.wait(lock, stop, [&] { return clock_.now() >= when; }) ? WaitOutcome::reached
                                                                            : WaitOutcome::stopped;
    }
    const WaitOutcome outcome = clock_.wait_until(when, std::move(stop));
    moved_(clock_.now());
    const std::lock_guard lock(mutex_);
    jumped_.notify_all();
    return outcome;
  }

 private:
  const std::thread::id mover_ = std::this_thread::get_id();
  const std::function<void(MonotonicTime)> moved_;
  fakes::FakeClock clock_;
  std::mutex mutex_;
  std::condition_variable_any jumped_;
};

// A copy of a recorded tree whose container uses half a core.
class Kernel {
 public:
  static constexpr double kCores = 0.5;

  Kernel(const std::string& recorded, std::string counter, std::string text, std::int64_t unit_ns)
      : counter_(std::move(counter)), text_(std::move(text)), unit_ns_(unit_ns) {
    std::string folder = (fs::temp_directory_path() / "dyno-walk-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    root_ = folder;
    fs::copy(std::string(DYNO_SOURCE_DIR) + "/tests/data/cgroup/" + recorded, root_, fs::copy_options::recursive);
    std::ofstream(root_ / counter_).close();
    account({});
  }
  ~Kernel() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  std::string root() const { return root_.string(); }
  void is_in_the_container(std::int64_t pid) const {
    fs::create_directory_symlink("4242", root_ / "proc" / std::to_string(pid));
  }
  // In place, because the daemon keeps the file open. The number always has as many digits.
  void account(MonotonicTime now) const {
    constexpr std::int64_t kBefore = 100'000'000'000'000;
    const auto used = static_cast<std::int64_t>(kCores * static_cast<double>(to_ns(now)));
    std::fstream file(root_ / counter_, std::ios::in | std::ios::out);
    file << fmt::format(fmt::runtime(text_), (kBefore + used) / unit_ns_) << std::flush;
    EXPECT_TRUE(file) << counter_;
  }

 private:
  fs::path root_;
  const std::string counter_;
  const std::string text_;
  const std::int64_t unit_ns_;
};

struct Walk {
  const char* recorded;
  const char* counter;
  const char* text;
  std::int64_t unit_ns;
};

class OneNumber : public testing::TestWithParam<Walk> {
 protected:
  OneNumber() {
    engine_.add_image("stackdyno/base-node-26");
    engine_.on_started(
        [this](const fakes::FakeContainer& container) { kernel_.is_in_the_container(container.status.pid); });
    load_.answer_by(
        [this](const ports::Exchange& exchange) { return fakes::answer_rightly(exchange, clock_.wall_now(), {}); });
    job_.stacks = {run::stack("alpha")};
    job_.profile = run::profile();
    job_.profile.memory.sample_every = model::kLongestSamplePeriod;  // the sampler keeps up with the jumps
    job_.request.seed = 42;
    job_.request.profile = job_.profile.name;
    job_.request.stacks = {"alpha"};
  }

  void run_the_job() {
    job_.run_id = store::RunRepository(*database_, feed_).enqueue(job_, clock_.wall_now())->run_id;
    fakes::FakeHost host(clock_, engine_, load_, sampler_);
    std::set<std::string> verified;
    run::Executor executor(
        {.host = host, .journal = journal_, .instance = "instance"},
        {.files = {},
         .was_verified = [&](const std::string& key) { return verified.contains(key); },
         .remember_verified = [&](const std::string& key, const std::string&) { verified.insert(key); }});
    ASSERT_EQ(executor.execute(job_, {}, [] { return false; }).state, model::RunState::succeeded);
  }

  Kernel kernel_{GetParam().recorded, GetParam().counter, GetParam().text, GetParam().unit_ns};
  RunClock clock_{[this](MonotonicTime now) { kernel_.account(now); }};
  fakes::FakeContainerEngine engine_;
  fakes::FakeLoadDriver load_{clock_};
  cgroup::CgroupSampler sampler_{clock_, kernel_.root()};
  std::unique_ptr<store::Database> database_ = std::move(*store::Database::open_in_memory());
  store::EventFeed feed_;
  store::Journal journal_{*database_, feed_};
  model::Job job_;
};

const model::Reading* cpu_per_request(const model::PhaseResult& phase) {
  for (const model::Reading& reading : phase.readings) {
    if (reading.metric == model::MetricName::app_cpu_ns_per_request) return &reading;
  }
  return nullptr;
}

TEST_P(OneNumber, WalksFromTheKernelToWhatDynoPrints) {
  // Half a core, and 10 000 answers per second of the fake load generator's server.
  constexpr double kExpectedNs = Kernel::kCores * 1e9 / 10'000;
  run_the_job();

  // What was stored of each trial (steps 1 to 8).
  const store::Reader reader(*database_);
  int measured = 0;
  const auto by_trial = reader.phases_of_run(job_.run_id, {{"json/c32"}});
  ASSERT_TRUE(by_trial) << by_trial.error().message;
  for (const auto& [trial, phases] : *by_trial) {
    for (const model::PhaseResult& phase : phases) {
      const model::Reading* const reading = cpu_per_request(phase);
      ASSERT_NE(reading, nullptr);
      ASSERT_TRUE(reading->value) << reading->absent;
      EXPECT_NEAR(*reading->value, kExpectedNs, kExpectedNs * 1e-6);
      EXPECT_EQ(reading->validity, model::Validity::valid);
      ++measured;
    }
  }
  EXPECT_EQ(measured, job_.profile.blocks);

  // Summarised, encoded (9, 10).
  fakes::FakeClock clock;
  Stage stage;
  SmallDaemon daemon(*database_, clock, stage, small_catalog());
  const api::Response answer =
      daemon.get("/api/v1/runs/" + job_.run_id + "/summaries?metric=app_cpu_ns_per_request&metric=throughput_per_s");
  ASSERT_EQ(answer.status, 200) << answer.body;

  // Decoded and printed (11, 12).
  const auto summaries = cli::wire::read_summaries(answer.body);
  ASSERT_TRUE(summaries);
  cli::ShownResult shown;
  shown.run.stacks = {{.name = "alpha", .title = "alpha", .base_kind = {}, .image_bytes = {}, .failure = {}}};
  shown.summaries = *summaries;
  const auto tables = cli::phase_tables(shown);
  ASSERT_EQ(tables.size(), 2U);
  std::size_t column = 0;
  while (tables[0].columns.at(column).title != "CPU/REQUEST") ++column;
  ASSERT_EQ(tables[0].rows.size(), 1U);
  EXPECT_EQ(tables[0].rows[0].at(column), "50.0 µs");
  EXPECT_EQ(tables[0].rows[0].at(column + 1), "(50.0–50.0)");
}

INSTANTIATE_TEST_SUITE_P(
    Walk, OneNumber,
    testing::Values(Walk{"v1", "sys/fs/cgroup/cpuacct/docker/c0ffee/cpuacct.usage", "{}\n", 1},
                    Walk{"v2", "sys/fs/cgroup/system.slice/docker-c0ffee.scope/cpu.stat",
                         "usage_usec {}\nuser_usec 1\nsystem_usec 1\nnr_periods 10\nnr_throttled 0\nthrottled_usec 0\n",
                         1000}),
    [](const auto& walk) { return std::string(walk.param.recorded); });

}  // namespace
}  // namespace dyno::seams
