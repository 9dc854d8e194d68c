// The main job on a real engine: stack files in, results over REST out, and what happens when a stack fails or the run is ended.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "docker/cgroup_files.h"
#include "docker/daemon_process.h"
#include "docker/docker_engine.h"
#include "docker/engine_socket.h"
#include "docker/run_watch.h"

namespace dyno::test {
namespace {

using nlohmann::json;
using Object = ports::OwnedObject;

class MainJob : public testing::Test {
 protected:
  void SetUp() override {
    if (!engine_.describe()) GTEST_SKIP() << "NO CONTAINER ENGINE ANSWERS: the main job is not tested";
    if (!has_python_base(engine_)) GTEST_SKIP() << "NO PYTHON BASE IMAGE: run make setup; the main job is not tested";
  }

  void TearDown() override {
    for (const char* stack : {"never-ready", "wrong-bytes", "from-memory", "wrong-answers"})
      remove_images(engine_, stack);
  }

  std::vector<Object> objects_of(const std::string& run) {
    auto found = engine_.list_labelled("stackdyno.run", run);
    return found ? *found : std::vector<Object>{};
  }
  // The app's container of the run, as soon as the run loads it.
  std::string await_loading(const DaemonProcess& daemon, const std::string& run) {
    for (int i = 0; i < 600; ++i) {
      const json shown = json::parse(daemon.get("/runs/" + run), nullptr, false);
      const bool loading = shown.contains("progress") && shown["progress"].value("step", "") == "loading";
      for (const Object& o : objects_of(run)) {
        const auto role = o.labels.find("stackdyno.role");
        if (loading && role != o.labels.end() && role->second == "app") return o.id;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return {};
  }
  static const json* summary(const json& all, const std::string& stack, const std::string& phase,
                             const std::string& metric) {
    for (const auto& s : all) {
      if (s["stack"] == stack && s.value("phase", "") == phase && s["metric"] == metric) return &s;
    }
    return nullptr;
  }
  // When the engine began to create it, asked of the engine's own client.
  MonotonicTime created_at(const std::string& container) const {
    const std::string command =
        "docker -H unix://" + tests::engine_socket().value() + " inspect -f '{{.Created}}' " + container;
    const std::unique_ptr<FILE, int (*)(FILE*)> said(popen(command.c_str(), "r"), &pclose);
    std::array<char, 64> line{};
    if (!said || std::fgets(line.data(), line.size(), said.get()) == nullptr) return {};
    constexpr std::size_t kToMilliseconds = 23;
    const auto wall = parse_instant(std::string(line.data()).substr(0, kToMilliseconds) + "Z");
    return wall ? clock_.now() - (clock_.wall_now() - *wall) : MonotonicTime();
  }
  // Measured so many times, and each counts, unless a gate says that the machine was disturbed: no test can rule that out.
  static void expect_measured(const json& readings, const std::string& stack, const std::string& phase,
                              const std::string& metric, int times) {
    static const std::set<std::string> kOfTheMachine{
        "loader_cpu",  "loader_starved", "loader_late", "loader_lag",        "sampler",    "control",
        "cpu_edges",   "clock",          "steal",       "foreign_load",      "throttling", "no_steady_state",
        "start_steal", "start_probe",    "start_clock", "start_foreign_load"};
    int found = 0;
    for (const auto& r : readings) {
      if (r["stack"] != stack || r.value("phase", "") != phase || r["metric"] != metric) continue;
      ++found;
      const json at = {stack, phase, metric, r};
      EXPECT_TRUE(r.contains("value")) << at;
      if (r["validity"] != "invalid") continue;
      EXPECT_FALSE(r["gates"].empty()) << at;
      for (const auto& gate : r["gates"]) EXPECT_TRUE(kOfTheMachine.contains(gate)) << at;
    }
    EXPECT_EQ(found, times) << stack << " " << phase << " " << metric;
  }

  RealClock clock_;
  docker::DockerEngine engine_{tests::engine_socket().value(), clock_};
};

TEST_F(MainJob, ComparesTwoStacksFromYamlToRest) {
  DaemonProcess daemon({"go-nethttp", "python-fastapi"});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const auto outcome = daemon.dyno("run go-nethttp python-fastapi --profile tiny --seed 7 -o json");
  ASSERT_EQ(outcome.exit_code, 0) << daemon.log();
  const json run = json::parse(daemon.get("/runs"))["items"][0];
  const std::string id = run["id"];
  EXPECT_EQ(run["state"], "succeeded");
  EXPECT_EQ(run["seed"], "7");
  const json all = json::parse(daemon.get("/runs/" + id + "/summaries"))["items"];
  const json readings = json::parse(daemon.get("/runs/" + id + "/readings"))["items"];
  for (const char* stack : {"go-nethttp", "python-fastapi"}) {
    for (const char* phase : {"json/c8", "json/c8/r20%json_cap"}) {
      for (const char* metric :
           {"throughput_per_s", "app_cpu_ns_per_request", "loaded_private_median_bytes", "error_ratio"}) {
        const json* found = summary(all, stack, phase, metric);
        ASSERT_NE(found, nullptr) << stack << " " << phase << " " << metric << "\n" << daemon.log();
        EXPECT_EQ((*found)["n"], (*found)["validity"] == "invalid" ? 0 : 1);
        expect_measured(readings, stack, phase, metric, 1);
      }
    }
    for (const char* metric :
         {"app_startup_ns", "startup_ns", "idle_private_bytes", "retained_private_bytes", "stop_ns"}) {
      const json* found = summary(all, stack, "", metric);
      ASSERT_NE(found, nullptr) << stack << " " << metric;
      EXPECT_GT((*found)["value"].get<double>(), 0);
    }
    // The trial's own start, and one more.
    expect_measured(readings, stack, "", "app_startup_ns", 2);
  }
  const double go = (*summary(all, "go-nethttp", "", "app_startup_ns"))["value"];
  const double python = (*summary(all, "python-fastapi", "", "app_startup_ns"))["value"];
  EXPECT_LT(go, python);
  EXPECT_TRUE(objects_of(id).empty());
}

struct CpuBounds {
  double least_ns = std::numeric_limits<double>::max();
  double most_ns = 0;
};

// A container's cgroup while it lived, look by look.
struct Watched {
  MonotonicTime created;  // as the engine says: up to kCreating after it was asked
  std::vector<MonotonicTime> at;
  std::vector<tests::CgroupFigures> files;

  static constexpr Nanos kCreating = std::chrono::milliseconds(500);

  double cpu_ns(MonotonicTime when) const {
    const auto after = static_cast<std::size_t>(std::lower_bound(at.begin(), at.end(), when) - at.begin());
    if (after == 0) return static_cast<double>(files.front().cpu_ns);
    if (after == at.size()) return static_cast<double>(files.back().cpu_ns);
    const double share =
        static_cast<double>((when - at[after - 1]).count()) / static_cast<double>((at[after] - at[after - 1]).count());
    const auto before_ns = static_cast<double>(files[after - 1].cpu_ns);
    return before_ns + share * (static_cast<double>(files[after].cpu_ns) - before_ns);
  }

  // What it used in a window that began so long after the engine was asked to create it.
  CpuBounds cpu_within(std::int64_t begin_ns, std::int64_t window_ns) const {
    CpuBounds bounds;
    for (Nanos earlier{}; earlier <= kCreating; earlier += std::chrono::milliseconds(5)) {
      const MonotonicTime begin = created - earlier + Nanos(begin_ns);
      const double used = cpu_ns(begin + Nanos(window_ns)) - cpu_ns(begin);
      bounds.least_ns = std::min(bounds.least_ns, used);
      bounds.most_ns = std::max(bounds.most_ns, used);
    }
    return bounds;
  }
};

// Issue 14, row 44: through the daemon, on whichever cgroup the kernel has. What it tells lies between what the files of the
// container's cgroup said while it was measured.
TEST_F(MainJob, Row44MeasuresAStackWithoutADatabaseAsItsCgroupTellsIt) {
  DaemonProcess daemon({"wrong-answers"});  // right ones, unless it is told otherwise, and without a service
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const std::string id = start_run(daemon, "wrong-answers --profile tiny");
  std::map<std::string, Watched> seen;  // by container
  std::atomic<bool> is_over{false};
  std::jthread watch([&] {
    while (!is_over) {
      for (const Object& o : objects_of(id)) {
        const auto role = o.labels.find("stackdyno.role");
        if (role == o.labels.end() || role->second != "app") continue;
        const auto status = engine_.inspect_container(o.id);
        if (!status || status->pid == 0) continue;
        const tests::CgroupFigures now = tests::cgroup_figures(status->pid);
        if (now.docker_equivalent == 0 || now.cpu_ns == 0) continue;  // gone, or half of it
        Watched& watched = seen[o.name];
        if (watched.files.empty()) watched.created = created_at(o.id);
        watched.files.push_back(now);
        watched.at.push_back(clock_.now());
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  const json run = await_end(daemon, id);
  is_over = true;
  watch.join();
  ASSERT_EQ(run["state"], "succeeded") << run << daemon.log();
  ASSERT_EQ(seen.size(), 2U) << "a trial of load and one more start";

  const auto load = std::max_element(seen.begin(), seen.end(), [](const auto& a, const auto& b) {
    return a.second.files.back().cpu_ns < b.second.files.back().cpu_ns;
  });
  const std::vector<tests::CgroupFigures>& files = load->second.files;
  const json all = json::parse(daemon.get("/runs/" + id + "/readings"))["items"];
  const auto told = [&](const std::string& metric, const std::string& phase) {
    for (const auto& r : all) {
      if (r["metric"] == metric && r.value("phase", "") == phase && r.contains("value"))
        return r["value"].get<double>();
    }
    ADD_FAILURE() << metric << " " << phase << " has no value\n" << all;
    return 0.0;
  };
  const auto expect_within = [&](const std::string& metric, std::int64_t tests::CgroupFigures::*figure) {
    const auto [least, most] = std::minmax_element(
        files.begin(), files.end(), [figure](const auto& a, const auto& b) { return a.*figure < b.*figure; });
    constexpr double kBetweenTwoLooks = 1 << 20;
    EXPECT_GE(told(metric, ""), static_cast<double>((*least).*figure) - kBetweenTwoLooks) << metric;
    EXPECT_LE(told(metric, ""), static_cast<double>((*most).*figure) + kBetweenTwoLooks) << metric;
  };
  for (const char* moment : {"idle_", "retained_"}) {
    expect_within(std::string(moment) + "private_bytes", &tests::CgroupFigures::private_bytes);
    expect_within(std::string(moment) + "docker_equivalent_bytes", &tests::CgroupFigures::docker_equivalent);
  }
  expect_within("idle_cgroup_peak_bytes", &tests::CgroupFigures::peak);
  int windows = 0;
  for (const json& trial : trials_of(daemon, id)) {
    if (trial["kind"] != "load") continue;
    const json measured = json::parse(daemon.get("/trials/" + trial["id"].get<std::string>() + "/measurements"));
    for (const json& window : measured["phases"]) {
      const std::string phase = window["phase"];
      const CpuBounds truth = load->second.cpu_within(window["begin_ns"], window["window_ns"]);
      const double told_ns = told("app_cpu_ns_per_request", phase) * window["counts"]["good"].get<double>();
      constexpr double kBetweenTwoLooksNs = 50e6;
      EXPECT_GE(told_ns, 0.95 * truth.least_ns - kBetweenTwoLooksNs) << phase;
      EXPECT_LE(told_ns, 1.05 * truth.most_ns + kBetweenTwoLooksNs) << phase;
      ++windows;
    }
  }
  EXPECT_EQ(windows, 2);
  EXPECT_TRUE(objects_of(id).empty());
}

TEST_F(MainJob, GivesAStackItsDatabaseAndTakesItAway) {
  DaemonProcess daemon({"go-nethttp"});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const auto outcome = daemon.dyno("run go-nethttp --profile tiny-database --seed 7 -o json");
  ASSERT_EQ(outcome.exit_code, 0) << daemon.log();
  const json run = json::parse(daemon.get("/runs"))["items"][0];
  const std::string id = run["id"];
  ASSERT_EQ(run["state"], "succeeded") << run << daemon.log();
  const json all = json::parse(daemon.get("/runs/" + id + "/summaries"))["items"];
  for (const char* phase : {"json/c8", "users/c8", "fortunes/c8"}) {
    const json* throughput = summary(all, "go-nethttp", phase, "throughput_per_s");
    ASSERT_NE(throughput, nullptr) << phase << "\n" << daemon.log();
    EXPECT_GT((*throughput)["value"].get<double>(), 0) << phase;
    EXPECT_EQ((*summary(all, "go-nethttp", phase, "error_ratio"))["value"], 0) << phase;
    const json* memory = summary(all, "go-nethttp", phase, "service_private_median_bytes");
    ASSERT_NE(memory, nullptr) << phase;
    EXPECT_GT((*memory)["value"].get<double>(), 10e6) << phase;
  }
  // The database works for users, and hardly for json.
  const auto service_cpu = [&](const char* phase) {
    return (*summary(all, "go-nethttp", phase, "service_cpu_ns_per_request"))["value"].get<double>();
  };
  EXPECT_GT(service_cpu("users/c8"), 10 * service_cpu("json/c8"));
  EXPECT_GT(service_cpu("users/c8"), 5e3);
  for (const auto& trial : trials_of(daemon, id)) EXPECT_EQ(trial["state"], "succeeded") << trial;
  EXPECT_NE(daemon.log().find("postgres reset in "), std::string::npos);
  EXPECT_NE(daemon.get("/runs/" + id + "/environment").find("service_postgres_base_kind"), std::string::npos);
  EXPECT_TRUE(objects_of(id).empty());
}

TEST_F(MainJob, FindsAStackThatDoesNotAskItsDatabase) {
  DaemonProcess daemon({"from-memory"});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const auto outcome = daemon.dyno("run from-memory --profile tiny-database -o json");
  EXPECT_EQ(outcome.exit_code, 4) << daemon.log();
  const std::string id = json::parse(daemon.get("/runs"))["items"][0]["id"];
  const json all = trials_of(daemon, id);
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all[0]["failure"], "wrong_body") << all[0];
  EXPECT_NE(all[0]["reason"].get<std::string>().find("users: a row that has just been changed\": expected GET /users/"),
            std::string::npos)
      << all[0];
  EXPECT_TRUE(objects_of(id).empty());
}

TEST_F(MainJob, RecordsEachKindOfFailureInWordsAndMeasuresTheRest) {
  DaemonProcess daemon({"bad-build", "never-ready", "wrong-bytes", "go-nethttp"});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const auto outcome = daemon.dyno("run bad-build never-ready wrong-bytes go-nethttp --profile tiny -o json");
  EXPECT_EQ(outcome.exit_code, 4) << daemon.log();
  const json run = json::parse(daemon.get("/runs"))["items"][0];
  const std::string id = run["id"];
  EXPECT_EQ(run["state"], "partly");
  std::map<std::string, std::string> failures;
  std::map<std::string, std::string> reasons;
  for (const auto& s : run["stacks"]) {
    if (s.contains("failure")) reasons[s["name"]] = s["failure"];
  }
  std::set<std::string> good;
  for (const auto& t : trials_of(daemon, id)) {
    if (t["state"] == "succeeded") good.insert(t["stack"]);
    if (t["state"] != "failed" || t["kind"] != "load") continue;
    failures[t["stack"]] = t["failure"];
    reasons[t["stack"]] = t["reason"];
  }
  EXPECT_NE(reasons["bad-build"].find("build_failed"), std::string::npos) << reasons["bad-build"];
  EXPECT_NE(reasons["bad-build"].find("this step fails on purpose"), std::string::npos) << reasons["bad-build"];
  EXPECT_EQ(failures["never-ready"], "never_ready");
  EXPECT_NE(reasons["never-ready"].find("did not answer 2xx on port 8080 within 3.00 s"), std::string::npos)
      << reasons["never-ready"];
  EXPECT_EQ(failures["wrong-bytes"], "wrong_body");
  EXPECT_NE(reasons["wrong-bytes"].find("Mars"), std::string::npos) << reasons["wrong-bytes"];
  EXPECT_TRUE(good.contains("go-nethttp"));
  EXPECT_FALSE(good.contains("bad-build"));
  EXPECT_TRUE(objects_of(id).empty());
}

TEST_F(MainJob, RecordsAServerKilledDuringAPhaseAndGoesOn) {
  DaemonProcess daemon({"go-nethttp", "python-fastapi"});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const std::string id = start_run(daemon, "go-nethttp python-fastapi --profile long");
  const std::string app = await_loading(daemon, id);
  ASSERT_FALSE(app.empty()) << daemon.log();
  std::this_thread::sleep_for(std::chrono::seconds(2));  // well inside the phase of 20 s
  ASSERT_TRUE(engine_.stop_container(app, Nanos(0)));
  const json run = await_end(daemon, id);
  EXPECT_EQ(run["state"], "partly") << daemon.log();
  const json all = trials_of(daemon, id);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["state"], "failed");
  // SIGTERM may come first: then the server left in good order, which is not what was asked of it either.
  EXPECT_TRUE(all[0]["failure"] == "crashed" || all[0]["failure"] == "exited_early") << all[0];
  EXPECT_NE(all[0]["reason"].get<std::string>().find("exit code"), std::string::npos);
  EXPECT_EQ(all[1]["state"], "succeeded");
  EXPECT_TRUE(objects_of(id).empty());
}

TEST_F(MainJob, LeavesNothingBehindAfterACancel) {
  DaemonProcess daemon({"go-nethttp"});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const std::string id = start_run(daemon, "go-nethttp --profile long");
  ASSERT_FALSE(await_loading(daemon, id).empty()) << daemon.log();
  EXPECT_EQ(daemon.dyno("runs cancel " + id).exit_code, 0);
  EXPECT_EQ(await_end(daemon, id)["state"], "cancelled");
  EXPECT_TRUE(objects_of(id).empty());
}

TEST_F(MainJob, PutsTheRunBackAndCleansUpOnSigterm) {
  DaemonProcess daemon({"go-nethttp"});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const std::string id = start_run(daemon, "go-nethttp --profile long");
  ASSERT_FALSE(await_loading(daemon, id).empty()) << daemon.log();
  EXPECT_EQ(daemon.stop(SIGTERM), 0);
  EXPECT_TRUE(objects_of(id).empty());
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const json run = await_end(daemon, id);
  EXPECT_EQ(run["state"], "succeeded") << run;
  EXPECT_EQ(run["resumed"], 1);
  expect_whole(trials_of(daemon, id));
}

}  // namespace
}  // namespace dyno::test
