// The F rows of the fault catalogue on the real engine: each server that is wrong in one way gets its one verdict in words, the run goes
// on to the next, the daemon lives, and nothing is left.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "docker/daemon_process.h"
#include "docker/docker_engine.h"
#include "docker/engine_socket.h"
#include "docker/run_watch.h"

namespace dyno::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr auto kServer = "wrong-answers";

struct Row {
  const char* id;
  const char* fault;    // as FAULT tells it to the server
  const char* failure;  // of its trial; "" is a success
  const char* words;    // a part of the reason
  const char* readiness = "20s";
};

constexpr Row kLeak{"f20", "leaks", "", ""};
constexpr Row kRows[] = {
    {"f01", "never listens", "never_ready", "did not answer 2xx on port 8080 within 3.00 s", "3s"},
    {"f02a", "never answers", "never_ready", "did not answer 2xx", "8s"},
    {"f02b", "hangs under load", "hung", "not one byte of an answer within"},
    {"f03", "drips under load", "slow_drip", "answers began and none ended within"},
    {"f04", "endless headers", "wrong_body", "bad_framing"},
    {"f05", "endless body", "wrong_body", "bad_framing"},
    {"f06", "a length too short", "wrong_body", "bad_framing"},
    {"f07a", "a negative chunk", "wrong_body", "bad_framing"},
    {"f07b", "a chunk of 2^64", "wrong_body", "bad_framing"},
    {"f09", "fails", "too_many_errors", ""},
    {"f10", "resets under load", "too_many_errors", "no good answer"},
    {"f11a", "exits with 0", "exited_early", "exit code 0"},
    {"f11b", "exits with 1", "crashed", "exit code 1"},
    {"f11c", "crashes", "crashed", "exit code 139"},
    {"f12", "takes all memory", "oom_killed", "256"},
    {"f14", "floods its log", "", ""},
    {"f15", "listens elsewhere", "port_mismatch", "it listens on port 8099, not on 8080", "8s"},
    {"f16", "ignores SIGTERM", "", ""},
    {"f18a", "starts late", "", ""},
    {"f18b", "starts late", "never_ready", "within 3.00 s", "3s"},
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// The stack of a row: the same server, told its fault.
void write_stack(const fs::path& stacks, const Row& row) {
  std::ostringstream text;
  text << std::ifstream(stacks / kServer / "stack.yaml").rdbuf();
  fs::copy(stacks / kServer, stacks / row.id, fs::copy_options::recursive);
  std::string yaml = replaced(text.str(), fmt::format("name: {}", kServer), fmt::format("name: {}", row.id));
  yaml = replaced(yaml, "env: {}", fmt::format("env: {{FAULT: \"{}\"}}", row.fault));
  yaml = replaced(yaml, "timeout: 20s", fmt::format("timeout: {}", row.readiness));
  std::ofstream(stacks / row.id / "stack.yaml") << yaml;
}

class FaultServer : public testing::Test {
 protected:
  void SetUp() override {
    if (!engine_.describe()) GTEST_SKIP() << "NO CONTAINER ENGINE ANSWERS: servers with faults are not tested";
    if (!has_python_base(engine_))
      GTEST_SKIP() << "NO PYTHON BASE IMAGE: run make setup; servers with faults are not tested";
  }
  void TearDown() override {
    for (const Row& row : kRows) remove_images(engine_, row.id);
    remove_images(engine_, kLeak.id);
  }

  RealClock clock_;
  docker::DockerEngine engine_{tests::engine_socket().value(), clock_};
};

TEST_F(FaultServer, EachFaultHasItsVerdict) {
  DaemonProcess daemon({kServer});
  for (const Row& row : kRows) write_stack(daemon.folder() + "/stacks", row);
  ASSERT_TRUE(daemon.start()) << daemon.log();
  std::string names;
  for (const Row& row : kRows) names += fmt::format("{} ", row.id);
  const std::string id = start_run(daemon, names + "--profile second --seed 5");
  const json run = await_end(daemon, id, std::chrono::minutes(14));
  ASSERT_TRUE(run.is_object()) << daemon.log();
  EXPECT_EQ(run["state"], "partly") << run;
  const json trials = trials_of(daemon, id);
  for (const Row& row : kRows) {
    SCOPED_TRACE(fmt::format("{}: {}", row.id, row.fault));
    const auto trial = std::find_if(trials.begin(), trials.end(), [&](const json& t) { return t["stack"] == row.id; });
    ASSERT_NE(trial, trials.end()) << run;
    EXPECT_EQ(trial->value("failure", ""), row.failure) << *trial;
    EXPECT_NE(trial->value("reason", "").find(row.words), std::string::npos) << *trial;
    if (std::string_view(row.id) == "f16") {
      EXPECT_EQ((*trial)["stop_forced"], true);
    }
  }
  EXPECT_NE(daemon.get("/").find("version"), std::string::npos);
  const auto left = engine_.list_labelled("stackdyno.run", id);
  ASSERT_TRUE(left) << left.error().message;
  for (const auto& object : *left) EXPECT_EQ(object.kind, ports::ObjectKind::image) << "left behind: " << object.name;
}

// The window is long enough to tell a leak from a heap that grows at first.
TEST_F(FaultServer, ALeakIsMarkedWithItsRate) {
  DaemonProcess daemon({kServer});
  write_stack(daemon.folder() + "/stacks", kLeak);
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const std::string id = start_run(daemon, "f20 --profile long --seed 5");
  const json run = await_end(daemon, id, std::chrono::minutes(3));
  ASSERT_EQ(run.value("state", ""), "succeeded") << run << daemon.log();
  const json trials = trials_of(daemon, id);
  ASSERT_FALSE(trials.empty());
  const json trial = json::parse(daemon.get("/trials/" + trials[0].value("id", "") + "/measurements"), nullptr, false);
  std::string words;
  for (const json& phase : trial["phases"]) {
    for (const json& gate : phase["verdict"]["gates"]) {
      if (gate["gate"] == "leaked") words = gate["text"];
    }
  }
  char unit = 0;
  double rate = 0;
  ASSERT_EQ(std::sscanf(words.c_str(), "The app's memory grew by %lf %ciB per second", &rate, &unit), 2) << trial;
  EXPECT_NEAR(unit == 'K' ? rate / 1024 : rate, 1, 0.05) << words;
}

}  // namespace
}  // namespace dyno::test
