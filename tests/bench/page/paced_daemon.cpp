// A daemon with a long run under way: paced_daemon FILE WEB_DIR. Store, event feed, API and HTTP server are the real ones, put together as `app` does; in
// place of the executor a made run is told to the journal: 27 blocks of ten stacks in the 17 phases of `standard` at once, into FILE, which must not be there
// yet, and the last three at the pace of a clock. Then it says "serving PORT RUN". Each line on standard input is answered with "AT CPU ANSWERS EVENTS":
// nanoseconds of CLOCK_MONOTONIC, CPU time of the whole process in nanoseconds, answers and events so far. It ends with its input, and tells on standard
// error what was asked and what CPU time that took of the threads that answered.
#include <fmt/format.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "api/http_server.h"
#include "app/catalogue.h"
#include "page/made_run.h"
#include "stored_api.h"

namespace dyno::bench {
namespace {

constexpr std::size_t kStacks = 10;
constexpr std::size_t kPhases = 17;
constexpr int kBlocks = 30;
constexpr int kBlocksAtOnce = 27;

Nanos cpu_time(clockid_t whose) {
  timespec now{};
  clock_gettime(whose, &now);
  return std::chrono::seconds(now.tv_sec) + Nanos(now.tv_nsec);
}

// What was asked and what that took. Thread-safe.
class Questions {
 public:
  void add(const api::Request& request, Nanos cpu) {
    std::string what = request.path;
    for (const auto& [name, value] : request.query) {
      if (name != "metric") what += fmt::format(" {}={}", name, value);
    }
    const std::lock_guard lock(mutex_);
    ++count_;
    Asked& one = asked_[what];
    ++one.times;
    one.cpu += cpu;
  }
  int count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  void print() const {
    const std::lock_guard lock(mutex_);
    for (const auto& [what, one] : asked_) {
      const double all = static_cast<double>(one.cpu.count()) / 1e6;
      fmt::print(stderr, "{:9.1f} ms, {:4} times {:8.2f} ms: {}\n", all, one.times, all / one.times, what);
    }
  }

 private:
  struct Asked {
    int times = 0;
    Nanos cpu{};
  };

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  int count_ = 0;
  std::map<std::string, Asked> asked_;
};

struct World : StoredApi {
  World(store::Database& database, const app::Catalogue& catalogue, std::string web_dir)
      : StoredApi(database, {.current = [&catalogue] { return catalogue.view(); }, .rescan = {}, .schema = {}},
                  {.earlier = {}, .start = {}, .cancel = {}, .queue = [] { return std::vector<run::QueueEntry>(); }},
                  std::move(web_dir)) {}

  api::Response answer(const api::Request& request) {
    const Nanos begin = cpu_time(CLOCK_THREAD_CPUTIME_ID);
    api::Response response = api.handle(request);
    questions.add(request, cpu_time(CLOCK_THREAD_CPUTIME_ID) - begin);
    return response;
  }
  Status tell(const std::string& run_id, WallTime at, const model::RunEvent& event) {
    const auto stored = journal.append(run_id, at, event);
    if (!stored) return fail(stored.error());
    ++events;
    return {};
  }

  Questions questions;
  std::atomic<int> events = 0;
};

Result<model::Job> job_of_tree(const app::Catalogue& catalogue) {
  model::RunRequest request;
  request.profile = "standard";
  request.blocks = kBlocks;
  request.seed = 1;
  for (const model::Stack& stack : catalogue.view()->stacks) {
    if (stack.variant_of.empty() && request.stacks.size() < kStacks) request.stacks.push_back(stack.name);
  }
  auto job = catalogue.resolve(request);
  if (job && (job->stacks.size() != kStacks || job->profile.phases.size() != kPhases))
    return fail(ErrorCode::internal, fmt::format("{} stacks and {} phases, not {} and {}", job->stacks.size(),
                                                 job->profile.phases.size(), kStacks, kPhases));
  return job;
}

// From the run's beginning to the first trial that has a pace, as if it had taken its time.
Status tell_past(World& world, const MadeRun& run, WallTime begin) {
  for (const model::RunEvent& event : run.beginning()) {
    if (auto told = world.tell(run.id(), begin, event); !told) return told;
  }
  for (int index = 0; index < kBlocksAtOnce * run.trials_in_block(); ++index) {
    const WallTime trial_begin = begin + run.trial_length() * index;
    for (const Moment& moment : run.trial(index, trial_begin)) {
      const auto* const event = std::get_if<model::RunEvent>(&moment.what);
      if (event == nullptr) continue;
      if (auto told = world.tell(run.id(), trial_begin + moment.at, *event); !told) return told;
    }
  }
  return {};
}

Status pace(World& world, const MadeRun& run, const std::stop_token& stop) {
  MonotonicTime begin = world.clock.now();
  for (int index = kBlocksAtOnce * run.trials_in_block(); index < run.trials(); ++index) {
    for (const Moment& moment : run.trial(index, world.clock.wall_now())) {
      if (world.clock.wait_until(begin + moment.at, stop) == WaitOutcome::stopped) return {};
      if (const auto* const sample = std::get_if<model::LiveSample>(&moment.what)) {
        world.journal.publish(*sample);
      } else if (auto told = world.tell(run.id(), world.clock.wall_now(), std::get<model::RunEvent>(moment.what));
                 !told) {
        return told;
      }
    }
    begin += run.trial_length();
  }
  return fail(ErrorCode::internal, "the run is over");
}

Status serve(const std::string& file, const std::string& web_dir) {
  const std::string root = DYNO_SOURCE_DIR;
  const app::Catalogue catalogue({{root + "/stacks"}, root + "/stacks/profiles", "", root + "/compose"});
  auto job = job_of_tree(catalogue);
  if (!job) return fail(job.error());
  const auto database = store::Database::open(file);
  if (!database) return fail(database.error());
  World world(**database, catalogue, web_dir);
  const Nanos past = MadeRun(*job).trial_length() * (kBlocksAtOnce * static_cast<int>(kStacks));
  const WallTime begin = world.clock.wall_now() - past;
  const auto queued = world.repository.enqueue(*job, begin);
  if (!queued) return fail(queued.error());
  job->run_id = queued->run_id;
  const MadeRun run(std::move(*job));
  if (auto told = tell_past(world, run, begin); !told) return told;
  api::HttpOptions options;
  options.port = 0;
  const auto server = api::HttpServer::start(options, world.clock,
                                             [&world](const api::Request& request) { return world.answer(request); });
  if (!server) return fail(server.error());
  fmt::print("serving {} {}\n", (*server)->port(), run.id());
  std::fflush(stdout);
  const std::jthread pacing([&world, &run](const std::stop_token& stop) {
    if (const Status paced = pace(world, run, stop); !paced) {
      fmt::print(stderr, "{}\n", paced.error().message);
      std::_Exit(1);  // what is measured from now on would be something else
    }
  });
  for (std::string line; std::getline(std::cin, line);) {
    fmt::print("{} {} {} {}\n", to_ns(world.clock.now()), cpu_time(CLOCK_PROCESS_CPUTIME_ID).count(),
               world.questions.count(), world.events.load());
    std::fflush(stdout);
  }
  world.feed.close();
  world.questions.print();
  return {};
}

}  // namespace
}  // namespace dyno::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "paced_daemon FILE WEB_DIR\n");
    return 2;
  }
  const dyno::Status served = dyno::bench::serve(argv[1], argv[2]);
  if (served) return 0;
  fmt::print(stderr, "{}\n", served.error().message);
  return 1;
}
