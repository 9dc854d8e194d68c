// Measures the questions across runs on a made history: history_bench FILE NIGHTS. With --make it makes the file, or adds the nights that are missing, and measures nothing; with
// --only TEXT it asks only the questions with that text in their name, for a profiler. Prints one line per question: median and 99th percentile of many askings, through the API's own
// handlers, JSON included, HTTP not.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/request.h"
#include "base/id.h"
#include "base/random.h"
#include "history/made_history.h"
#include "store/rebuild.h"
#include "stored_api.h"
#include "unit/store/sample_run.h"

namespace dyno::bench {
namespace {

using Clock = std::chrono::steady_clock;

double cpu_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

std::string only;  // part of the name of the questions that are asked; empty: all

// The time on a clock, and the CPU time of this thread, which other work on the machine touches less.
void report(const char* what, int times, const std::function<void(int)>& work) {
  if (std::string_view(what).find(only) == std::string_view::npos) return;
  std::vector<double> all;
  std::vector<double> cpu;
  all.reserve(static_cast<std::size_t>(times));
  cpu.reserve(static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i) {
    const auto begin = Clock::now();
    const double cpu_begin = cpu_milliseconds();
    work(i);
    cpu.push_back(cpu_milliseconds() - cpu_begin);
    all.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  std::sort(all.begin(), all.end());
  std::sort(cpu.begin(), cpu.end());
  const auto at = [](const std::vector<double>& values, double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
  };
  fmt::print("{:<44} n={:<4} p50 {:8.2f} ms  p99 {:8.2f} ms  CPU p50 {:8.2f} ms  p99 {:8.2f} ms\n", what, times,
             at(all, 0.5), at(all, 0.99), at(cpu, 0.5), at(cpu, 0.99));
  std::fflush(stdout);
}

std::string resident() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return line.substr(6);
  }
  return "unknown";
}

struct World : StoredApi {
  explicit World(store::Database& database)
      : StoredApi(database, {[] { return std::make_shared<const api::CatalogView>(); }, {}, {}}, {}, "") {}

  std::size_t get(const std::string& target) {
    const auto parts = api::parse_target(target);
    api::Request request;
    request.method = "GET";
    request.path = parts->path;
    request.segments = parts->segments;
    request.query = parts->query;
    const api::Response answer = api.handle(request);
    if (answer.status != 200) {
      fmt::print(stderr, "{}: {} {}\n", target, answer.status, answer.body);
      std::exit(1);
    }
    return answer.body.size();
  }
};

void ask(World& world, int nights) {
  const auto back = [&](int runs) { return std::min(runs, nights - 1); };
  const auto series = world.reader.series({.limit = 200});
  Random random(1);
  const auto any = [&] { return (*series)[random.below(series->size())].id; };
  report("history of a series, 500 points", 300,
         [&](int) { world.get(fmt::format("/api/v1/series/{}/points", any())); });
  report("history of a series, all points", 100,
         [&](int) { world.get(fmt::format("/api/v1/series/{}/points?points=10000", any())); });
  report("compare two runs, one stack", 200, [&](int i) {
    world.get(fmt::format("/api/v1/compare?a=latest~{}&b=latest&stack=stack-{:02}", 1 + i % 5, i % 40));
  });
  report("compare two runs, throughput", 100, [&](int i) {
    world.get(fmt::format("/api/v1/compare?a=latest~{}&b=latest&metric=throughput_per_s", 1 + i % 5));
  });
  report("compare two runs, everything", 50,
         [&](int i) { world.get(fmt::format("/api/v1/compare?a=latest~{}&b=latest", 1 + i % 5)); });
  report("compare with the median of 30, one stack", 100,
         [&](int i) { world.get(fmt::format("/api/v1/compare?a=median:30&b=latest&stack=stack-{:02}", i % 40)); });
  report("compare with the median of 30, everything", 20,
         [&](int) { world.get("/api/v1/compare?a=median:30&b=latest"); });
  report("compare two runs pooled, one stack", 100, [&](int i) {
    world.get(fmt::format("/api/v1/compare?a=latest~{}&b=latest&stack=stack-{:02}", back(4 + i % 5), i % 40));
  });
  report("compare three runs, throughput", 50, [&](int) {
    world.get(
        fmt::format("/api/v1/compare?a=latest~{}&b=latest~{}&b=latest&metric=throughput_per_s", back(9), back(5)));
  });
  report("leaderboard, headlines", 100, [&](int) { world.get("/api/v1/leaderboard"); });
  report("leaderboard, one workload", 100, [&](int) { world.get("/api/v1/leaderboard?workload=json"); });
  report("leaderboard, four metrics", 50, [&](int) {
    world.get(
        "/api/v1/"
        "leaderboard?metric=throughput_per_s&metric=app_cpu_ns_per_request&metric=app_startup_ns&metric=idle_pss_"
        "bytes");
  });
  report("leaderboard of a run", 50,
         [&](int) { world.get("/api/v1/leaderboard?run=" + world.reader.past_runs({.limit = 1})->front().id); });
  report("list of runs, 50", 200, [&](int) { world.get("/api/v1/runs?limit=50"); });
  report("list of series, 50", 200, [&](int) { world.get("/api/v1/series?limit=50&metric=throughput_per_s"); });
}

// A trial of two phases as the executor tells it: eight events, each durable when it returns. The runs are older than all nights, so that the lists of
// a second measurement begin as those of the first.
void write_trials(World& world) {
  if (!only.empty()) return;
  constexpr int kTimes = 50;
  const WallTime before = wall_from_ns(1'000'000'000'000'000'000);
  std::vector<std::string> ids;
  for (int i = 0; i < kTimes; ++i) ids.push_back(world.repository.enqueue(store::sample_job(), before)->run_id);
  report("write a run's beginning", kTimes,
         [&](int i) { store::tell_beginning(world.journal, ids[static_cast<std::size_t>(i)]); });
  report("write a trial", kTimes, [&](int i) {
    store::tell_trial_alone(world.journal, ids[static_cast<std::size_t>(i)], new_id(world.clock.wall_now()));
  });
}

int run(const std::string& file, int nights, bool only_make) {
  const Shape shape{.nights = nights};
  if (only_make) {
    auto database = store::Database::open(file);
    if (!database) return 1;
    const auto begin = Clock::now();
    const auto made = make_history(**database, shape);
    if (!made) {
      fmt::print(stderr, "{}\n", made.error().message);
      return 1;
    }
    fmt::print("{} nights, {} trials made in {:.1f} s\n", made->nights, made->trials,
               std::chrono::duration<double>(Clock::now() - begin).count());
    return 0;
  }
  const auto bytes = std::filesystem::file_size(file);
  const auto trials = static_cast<double>(nights * trials_of_night(shape));
  fmt::print("{:.0f} trials, {:.1f} MB, {:.0f} bytes per trial\n", trials, static_cast<double>(bytes) / 1e6,
             static_cast<double>(bytes) / trials);
  std::unique_ptr<store::Database> database;
  const auto open = [&](int) { database = std::move(*store::Database::open(file)); };
  report("open the database", 1, open);
  if (!database) open(0);
  World world(*database);
  ask(world, nights);
  write_trials(world);
  fmt::print("resident memory {}\n", resident());
  return 0;
}

}  // namespace
}  // namespace dyno::bench

int main(int argc, char** argv) {
  const bool only_make = argc == 4 && std::string(argv[3]) == "--make";
  const bool is_filtered = argc == 5 && std::string(argv[3]) == "--only";
  if (argc != 3 && !only_make && !is_filtered) {
    fmt::print(stderr, "history_bench FILE NIGHTS [--make | --only TEXT]\n");
    return 2;
  }
  if (is_filtered) dyno::bench::only = argv[4];
  return dyno::bench::run(argv[1], std::atoi(argv[2]), only_make);
}
