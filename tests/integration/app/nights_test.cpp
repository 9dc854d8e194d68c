// Nights of one schedule, from the due time to the decision: scheduler, queue, journal and summaries are the real ones, composed as `app` composes them
// and begun again between the nights; the real dynod then answers for them, to REST and to the real `dyno`. Only the executor is a stage, because no
// container of the engine on the wire ever listens.
#include <nlohmann/json.hpp>

#include "base/id.h"
#include "fakes/reading.h"
#include "integration/app/dynod_process.h"
#include "integration/cli/program.h"
#include "unit/seams/small_daemon.h"

namespace dyno::app {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr int kBlocks = 5;

void tell(store::Journal& journal, Clock& clock, const std::string& run, const model::RunEvent& event) {
  EXPECT_TRUE(journal.append(run, clock.wall_now(), event));
}

model::PhaseResult phase_of(double throughput) {
  model::PhaseResult phase;
  phase.phase = "json/c32";
  phase.window_end = monotonic_from_ns(3'000'000'000);
  phase.good = phase.sent = static_cast<std::int64_t>(3 * throughput);
  phase.readings = {
      fakes::reading(model::MetricName::throughput_per_s, throughput, model::Validity::valid, model::Bound::server)};
  phase.verdict = {model::Validity::valid, model::Bound::server, {}};
  phase.transport = "epoll";
  phase.timer_mode = "none";
  return phase;
}

// Five blocks of both stacks, beta a fifth faster; what a block does to one it does to the other.
void measure_night(store::Journal& journal, Clock& clock, const std::string& run) {
  tell(journal, clock, run, model::EnvironmentRecorded{{{{"cpu_model", "x", true}}, "e1:0123456789abcdef"}, {}});
  for (const char* const name : {"alpha", "beta"}) {
    model::RunStack stack;
    stack.name = name;
    stack.stack_class = "production";
    stack.hash = "sha256:1";
    stack.image_id = "sha256:41f0";
    tell(journal, clock, run, model::StackPrepared{stack});
  }
  tell(journal, clock, run, model::PlanMade{1min, 2 * kBlocks, false});
  for (int i = 0; i < 2 * kBlocks; ++i) {
    const int block = i / 2 + 1;
    const std::string stack = i % 2 == 0 ? "alpha" : "beta";
    const std::string trial = new_id(clock.wall_now());
    tell(journal, clock, run,
         model::TrialStarted{
             trial, {block, i, i % 2, model::TrialKind::load, model::StartKind::warm, 1}, stack + "/single", stack});
    const double level = (i % 2 == 0 ? 20'000 : 24'000) * (1 + 0.01 * block + 0.001 * (i % 3));
    tell(journal, clock, run, model::PhaseFinished{trial, phase_of(level), {}});
    tell(journal, clock, run,
         model::TrialFinished{
             trial, model::TrialState::succeeded, model::TrialFailure::none, {}, {}, std::nullopt, false});
  }
}

class Nights : public DynodProcess {
 protected:
  Nights() {
    write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
    fs::create_directories(folder_ / "data");
    fs::permissions(folder_ / "data", fs::perms::owner_all);
    stage_.measure = measure_night;
  }

  // One more due time, and the run that it makes; what the scheduling daemon says of it by then. The schedule is quicker than nights are.
  json pass_night() {
    model::Schedule nightly;
    nightly.name = "nightly";
    nightly.stacks = {"alpha", "beta"};
    nightly.profile = "quick";
    nightly.cron = "*/5 * * * *";
    nightly.time_zone = "UTC";
    api::CatalogView catalog = seams::small_catalog({nightly});
    catalog.profiles[0].blocks = kBlocks;
    auto database = store::Database::open(folder_ / "data/stackdyno.db");
    EXPECT_TRUE(database) << database.error().message;
    seams::SmallDaemon daemon(**database, clock_, stage_, std::move(catalog));
    stage_.let_go();
    const int nights = static_cast<int>(stage_.begun().size()) + 1;
    for (int i = 0; i < 20; ++i) {
      clock_.await_waiters(1);
      clock_.advance(15s);
    }
    stage_.await_succeeded(nights);
    return json::parse(daemon.get("/api/v1/runs/" + stage_.begun().back()).body);
  }

  json body_of(const std::string& path) const {
    const std::string answer = get(path);
    const std::size_t at = answer.find("\r\n\r\n");
    return at == std::string::npos ? json() : json::parse(answer.substr(at + 4), nullptr, false);
  }
  std::string dyno(const std::vector<std::string>& arguments) const {
    const cli::Ended ended =
        cli::Program(std::string(DYNO_BIN_DIR) + "/dyno", arguments, fmt::format("http://127.0.0.1:{}", port_)).wait();
    EXPECT_EQ(ended.exit_code, 0) << ended.err << log();
    return ended.out;
  }
  // beta against alpha within the newest run, and the nights before it.
  json compared() const {
    return body_of("/api/v1/compare?a=latest&b=latest&a_case=alpha/single&b_case=beta/single&metric=throughput_per_s");
  }
  const std::vector<std::string> kCompare{"compare",  "latest",      "latest",  "--a-case", "alpha/single",
                                          "--b-case", "beta/single", "--phase", "json/c32"};

  fakes::FakeClock clock_{fakes::FakeClock::Mode::manual};
  seams::Stage stage_;
};

std::vector<std::string> runs_in(const json& nights) {
  std::vector<std::string> runs;
  for (const json& night : nights) {
    EXPECT_EQ(night["blocks"], kBlocks);
    runs.insert(runs.begin(), night["run"]);
  }
  return runs;
}

TEST_F(Nights, TwoOfFiveBlocksDecideNothingAndSayWhatTheyLack) {
  EXPECT_EQ(pass_night()["decision"]["nights_lacking"], 2);
  const json told = pass_night()["decision"];
  EXPECT_EQ(told["schedule"], "nightly");
  EXPECT_EQ(told["nights_lacking"], 1);
  EXPECT_EQ(told["ready_at"], "2026-01-01T00:15:00.000Z") << "the third due time";
  start();
  const json decision = body_of("/api/v1/runs/" + stage_.begun().back())["decision"];
  EXPECT_EQ(runs_in(decision["nights"]), stage_.begun());
  EXPECT_EQ(decision["blocks"], 2 * kBlocks);
  EXPECT_EQ(decision["nights_lacking"], 1);
  const json item = compared()["items"][0];
  EXPECT_EQ(item["decision"], "inconclusive");
  EXPECT_EQ(item["doubt"], "few_nights");
  EXPECT_NE(dyno(kCompare).find("fewer than three nights"), std::string::npos) << dyno(kCompare);
  const std::string board = dyno({"leaderboard"});
  EXPECT_NE(board.find("Decided after 1 more night"), std::string::npos) << board;
  EXPECT_NE(board.find("1–2"), std::string::npos) << "each place is open to both: " << board;
}

TEST_F(Nights, ThreeOfFiveBlocksDecideAndSayFromWhichNights) {
  for (int night = 0; night < 3; ++night) pass_night();
  start();
  const json decision = body_of("/api/v1/runs/" + stage_.begun().back())["decision"];
  EXPECT_EQ(runs_in(decision["nights"]), stage_.begun());
  EXPECT_EQ(decision["blocks"], 3 * kBlocks);
  EXPECT_EQ(decision["nights_lacking"], 0);
  EXPECT_FALSE(decision.contains("ready_at"));
  const json comparison = compared();
  EXPECT_EQ(runs_in(comparison["b"]["nights"]), stage_.begun());
  EXPECT_EQ(comparison["items"][0]["decision"], "better");
  EXPECT_EQ(comparison["items"][0]["n"], 3 * kBlocks);
  EXPECT_NEAR(comparison["items"][0]["ratio"].get<double>(), 1.2, 0.01);
  const std::string told = dyno(kCompare);
  EXPECT_NE(told.find("3 nights up to"), std::string::npos) << told;
  EXPECT_NE(told.find("Better: 1."), std::string::npos) << told;
  const std::string board = dyno({"leaderboard"});
  EXPECT_NE(board.find("Rests on 3 nights of schedule nightly (15 blocks"), std::string::npos) << board;
  EXPECT_NE(dyno({"history", "beta"}).find("in the last of 3 runs"), std::string::npos) << dyno({"history", "beta"});
  // One night that does not count any more leaves two, which decide nothing.
  dyno({"runs", "exclude", stage_.begun().front(), "a backup ran"});
  EXPECT_EQ(compared()["items"][0]["doubt"], "few_nights");
}

}  // namespace
}  // namespace dyno::app
