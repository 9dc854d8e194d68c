// What users are told to type, typed: the guide of daemon/docs/own-service.md, the script for continuous integration, and, nightly, every
// example. On a real engine.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/scratch_folder.h"
#include "docker/daemon_process.h"
#include "docker/docker_engine.h"
#include "docker/engine_socket.h"
#include "docker/run_watch.h"
#include "integration/api/held_port.h"

namespace dyno::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

struct Typed {
  int exit_code = 0;
  std::string out;
};

// As somebody with the programs on the PATH would type it, in `folder`.
Typed type(const fs::path& folder, const std::string& script) {
  std::ofstream(folder / "typed.sh") << "set -e\nexport PATH=" DYNO_BIN_DIR ":$PATH\n" << script;
  const std::string said = (folder / "said").string();
  const int status =
      std::system(fmt::format("cd {} && bash typed.sh >{} 2>&1 </dev/null", folder.string(), said).c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(said)};
}

class Examples : public testing::Test {
 protected:
  void SetUp() override {
    if (!engine_.describe()) GTEST_SKIP() << "NO CONTAINER ENGINE ANSWERS: the examples are not tested";
    if (!engine_.inspect_image(kImage)) GTEST_SKIP() << "NO IMAGE " << kImage << ": the examples are not tested";
  }
  void TearDown() override {
    for (const std::string& version : versions_) remove_images(engine_, version);
  }

  // With no stacks but those that are sent.
  static void start(DaemonProcess& daemon) {
    fs::create_directories(daemon.folder() + "/stacks");
    ASSERT_TRUE(daemon.start()) << daemon.log();
  }
  // A service in a git repository, on main.
  static void make_service(const fs::path& folder) {
    fs::create_directories(folder);
    fs::copy(DYNO_SOURCE_DIR "/tests/data/guide", folder);
    const Typed made = type(folder,
                            "git init --quiet --initial-branch=main\n"
                            "printf 'typed.sh\\nsaid\\ncomparison.md\\n' > .gitignore\n"
                            "git config user.name test; git config user.email test@localhost\n"
                            "git add .; git commit --quiet -m first\n");
    ASSERT_EQ(made.exit_code, 0) << made.out;
  }

  static constexpr const char* kImage = "stackdyno/base-python-3.14";
  std::vector<std::string> versions_{"orders", "orders@main", "orders@worktree"};  // whose images are removed
  RealClock clock_;
  docker::DockerEngine engine_{tests::engine_socket().value(), clock_};
};

// The shell blocks of a section, in their order.
std::string script_of(const std::string& page, const std::string& title) {
  const std::size_t begin = page.find("## " + title + "\n");
  if (begin == std::string::npos) return "";
  const std::string section = page.substr(begin, page.find("\n## ", begin + 1) - begin);
  std::string script;
  for (std::size_t at = section.find("```sh\n"); at != std::string::npos; at = section.find("```sh\n", at)) {
    at += 6;
    script += section.substr(at, section.find("```", at) - at);
  }
  return script;
}

TEST_F(Examples, TheGuideDoesWhatItSays) {
  std::string script = script_of(text_of(DYNO_SOURCE_DIR "/daemon/docs/own-service.md"), "From a folder to a verdict");
  for (const char* const command : {"dyno init", "dyno stack validate", "dyno run", "dyno compare"})
    ASSERT_THAT(script, HasSubstr(command));
  // Its words, but for the time that they take.
  script = std::regex_replace(script, std::regex("--profile service"), "--profile own");
  script = std::regex_replace(script, std::regex("(dyno compare [^\n]*)"), "$1 --profile own --blocks 1");
  DaemonProcess daemon({});
  ASSERT_NO_FATAL_FAILURE(start(daemon));
  const auto home = ScratchFolder::create("dyno-guide-");
  ASSERT_TRUE(home);
  make_service(home->path() / "orders");
  const Typed typed =
      type(home->path(), fmt::format("export STACKDYNO_SERVER=http://127.0.0.1:{}\n{}", daemon.port(), script));
  EXPECT_EQ(typed.exit_code, 0) << typed.out << daemon.log();
  EXPECT_THAT(typed.out, HasSubstr("stackdyno.yaml: valid"));
  EXPECT_THAT(typed.out, HasSubstr("get-orders"));
  EXPECT_THAT(typed.out, HasSubstr("one-order"));
  EXPECT_THAT(typed.out, HasSubstr("orders@worktree against orders@main"));
  EXPECT_THAT(typed.out, HasSubstr("VERDICT"));
  EXPECT_EQ(json::parse(daemon.get("/runs"))["items"].size(), 2U);
}

TEST_F(Examples, TheScriptForContinuousIntegrationWritesMarkdown) {
  const auto home = ScratchFolder::create("dyno-ci-");
  ASSERT_TRUE(home);
  const fs::path service = home->path() / "orders";
  make_service(service);
  const std::string script = DYNO_SOURCE_DIR "/stacks/examples/ci/compare.sh";
  const std::string asked = fmt::format("export STACKDYNO_BIN={} PROFILES={}/tests/data/profiles PORT={}\n",
                                        DYNO_BIN_DIR, DYNO_SOURCE_DIR, api::HeldPort().number());
  const Typed refused = type(service, asked + script + " . main\n");
  EXPECT_EQ(refused.exit_code, 3) << refused.out;
  EXPECT_THAT(refused.out, HasSubstr("write one by `dyno init .`"));
  const Typed typed = type(service, asked +
                                        "dyno init --from-curl 'curl http://h/orders/7'\n"
                                        "git add .; git commit --quiet -m measured; git switch --quiet -c branch\n"
                                        "echo '# changed' >> server.py\n" +
                                        script + " . main --profile own --blocks 1\n");
  EXPECT_EQ(typed.exit_code, 0) << typed.out;
  const std::string measured = type(service, "git rev-parse --short main").out;
  versions_.push_back("orders@" + measured.substr(0, measured.find('\n')));
  const std::string report = text_of(service / "comparison.md");
  EXPECT_THAT(report, HasSubstr("get-orders-7"));
  EXPECT_THAT(report, HasSubstr("|"));
  // What decides nothing ends it otherwise where that is asked for.
  const Typed open =
      type(home->path(), asked + script + " orders main --profile own --blocks 1 --fail-on worse,inconclusive\n");
  EXPECT_EQ(open.exit_code, 5) << open.out;
  const Typed lost = type(service, script + " . nowhere\n");
  EXPECT_NE(lost.exit_code, 0);
  EXPECT_THAT(lost.out, HasSubstr("nowhere"));
}

// Six trials of a real service: what is certain of it, what cannot be, and what the machine of the moment may leave open.
TEST_F(Examples, ObjectivesAreJudged) {
  DaemonProcess daemon({});
  ASSERT_NO_FATAL_FAILURE(start(daemon));
  const auto home = ScratchFolder::create("dyno-objectives-");
  ASSERT_TRUE(home);
  make_service(home->path() / "orders");
  std::ofstream(home->path() / "orders/stackdyno.yaml") << R"(schema: stack/1
contract: own
name: orders
run: {port: 3000}
readiness: {path: /orders/1}
workloads:
  one-order: {path: "/orders/{1..50}"}
objectives:
  - idle memory < 1 MiB
  - idle memory < 4 GiB
  - start-up < 60 s
  - capacity of one-order > 1/s
  - p50 of one-order at 20/s < 60 s
  - p99 of one-order at 30 % of capacity < 60 s
)";
  const auto outcome = daemon.dyno("run " + (home->path() / "orders").string() + " --profile objectives");
  EXPECT_EQ(outcome.exit_code, 6) << outcome.out << daemon.log();
  EXPECT_THAT(outcome.out, HasSubstr("broken     idle memory < 1 MiB: "));
  const json run = json::parse(daemon.get("/runs?limit=1"))["items"][0];
  const json judged = json::parse(daemon.get("/runs/" + run["id"].get<std::string>() + "/objectives"))["items"];
  ASSERT_EQ(judged.size(), 6U) << judged;
  EXPECT_EQ(judged[0]["state"], "broken");
  EXPECT_EQ(judged[1]["state"], "kept");
  for (std::size_t i = 0; i < 6; ++i) {
    SCOPED_TRACE(judged[i].dump());
    EXPECT_TRUE(i >= 3 || judged[i]["n"] == 6);
    EXPECT_EQ(judged[i]["state"] == "broken", i == 0);
    EXPECT_EQ(judged[i].contains("phase"), i == 3 || i == 4);
    EXPECT_EQ(judged[i].contains("reason"), judged[i]["state"] == "undecided");
  }
  EXPECT_EQ(judged[5]["state"], "undecided");
  EXPECT_EQ(judged[5]["reason"], "profile objectives does not measure one-order at 30 % of capacity");
}

// Some minutes: their packages are installed.
TEST_F(Examples, AllAreMeasured) {
  if (std::getenv("DYNO_EXAMPLES") == nullptr)
    GTEST_SKIP() << "EXAMPLES ARE BUILT FROM PACKAGES: make test-nightly runs them (DYNO_EXAMPLES)";
  DaemonProcess daemon({});
  ASSERT_NO_FATAL_FAILURE(start(daemon));
  int count = 0;
  for (const auto& entry : fs::directory_iterator(DYNO_SOURCE_DIR "/stacks/examples")) {
    if (!fs::exists(entry.path() / "stackdyno.yaml")) continue;
    SCOPED_TRACE(entry.path());
    ++count;
    versions_.push_back(entry.path().filename());
    const auto outcome = daemon.dyno("run " + entry.path().string() + " --profile own -o json");
    ASSERT_EQ(outcome.exit_code, 0) << daemon.log();
    const json run = json::parse(daemon.get("/runs?limit=1"))["items"][0];
    std::set<std::string> phases;
    std::set<std::string> metrics;
    const json all = json::parse(daemon.get("/runs/" + run["id"].get<std::string>() + "/summaries"));
    for (const auto& s : all["items"]) {
      if (s.contains("phase") && s["metric"] == "throughput_per_s") phases.insert(s["phase"]);
      if (s.contains("value")) metrics.insert(s["metric"]);
    }
    EXPECT_GE(phases.size(), 6U) << "three requests, in a closed and an open loop";
    for (const char* const metric : {"app_startup_ns", "idle_private_bytes", "throughput_per_s"})
      EXPECT_TRUE(metrics.contains(metric)) << metric;
  }
  EXPECT_GE(count, 4);
  for (const char* const service : {"orders.postgres", "orders.redis"}) {
    const auto images = engine_.list_labelled("stackdyno.service", service);
    if (!images) continue;
    for (const auto& image : *images) EXPECT_TRUE(engine_.remove_image(image.id)) << image.name;
  }
}

}  // namespace
}  // namespace dyno::test
