// The order of the queue and what somebody does to it, from the REST API to the store and over a restart of the daemon.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "small_daemon.h"

namespace dyno::seams {
namespace {

using namespace std::chrono_literals;
using fakes::FakeClock;
using nlohmann::json;

class QueueOrder : public testing::Test {
 protected:
  QueueOrder() : database_(std::move(store::Database::open_in_memory().value())) { start(); }

  void start() { daemon_ = std::make_unique<SmallDaemon>(*database_, clock_, stage_, small_catalog()); }
  void restart() {
    daemon_->drain();
    daemon_.reset();
    start();
  }
  std::string post(const std::string& stack = "alpha", const std::string& seed = "7") {
    clock_.advance(1ms);  // ids and creation times in the order of asking
    const auto answer =
        daemon_->post_run(R"({"stacks":[")" + stack + R"("],"profile":"quick","seed":")" + seed + "\"}");
    EXPECT_EQ(answer.status, 202) << answer.body;
    return json::parse(answer.body)["id"];
  }
  api::Response act(const std::string& run, const std::string& what) {
    return daemon_->ask("POST", "/api/v1/runs/" + run + "/" + what);
  }
  json queue() { return json::parse(daemon_->get("/api/v1/queue").body)["items"]; }
  std::vector<std::string> waiting() {
    std::vector<std::string> ids;
    for (const json& item : queue()) {
      if (item["position"] > 0) ids.push_back(item["run"]);
    }
    return ids;
  }

  FakeClock clock_{FakeClock::Mode::manual};
  std::unique_ptr<store::Database> database_;
  Stage stage_;
  std::unique_ptr<SmallDaemon> daemon_;
};

using Ids = std::vector<std::string>;

TEST_F(QueueOrder, AMoveOutlastsARestart) {
  const std::string running = post();
  stage_.await_begun(1);
  const std::string a = post();
  const std::string b = post();
  const std::string c = post();
  EXPECT_EQ(act(c, "move?position=1").status, 200);
  EXPECT_EQ(waiting(), (Ids{c, a, b}));
  EXPECT_EQ(act(running, "move").status, 409);
  EXPECT_EQ(act("019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44", "move").status, 404);
  EXPECT_EQ(act(a, "move?position=0").status, 400);
  restart();
  stage_.await_begun(2);  // what was cut off goes on first
  EXPECT_EQ(waiting(), (Ids{c, a, b}));
  const std::string d = post();
  EXPECT_EQ(waiting(), (Ids{c, a, b, d}));
}

TEST_F(QueueOrder, CancelsInEveryStateAndOverARestart) {
  const std::string running = post();
  stage_.await_begun(1);
  const std::string waits = post();
  EXPECT_EQ(act(waits, "cancel").status, 202);
  EXPECT_EQ(daemon_->reader().run(waits)->state, model::RunState::cancelled);
  EXPECT_EQ(act(waits, "cancel").status, 202) << "repeats do no harm";
  EXPECT_EQ(act(running, "cancel").status, 202);
  restart();
  EXPECT_EQ(daemon_->reader().run(running)->state, model::RunState::cancelled);
  EXPECT_TRUE(queue().empty());
}

TEST_F(QueueOrder, ARetryIsTheSameJobAndSeedInARunThatNamesTheOld) {
  const std::string first = post("alpha", "42");
  stage_.await_begun(1);
  EXPECT_EQ(act(first, "retry").status, 409) << "it has not ended";
  stage_.let_go();
  stage_.await_succeeded(1);
  const auto answer = act(first, "retry");
  ASSERT_EQ(answer.status, 202) << answer.body;
  const json again = json::parse(answer.body);
  EXPECT_NE(again["id"], first);
  EXPECT_EQ(again["retry_of"], first);
  EXPECT_EQ(again["seed"], "42");
  EXPECT_EQ(again["trigger"], "manual");
  stage_.await_begun(2);
  restart();
  const auto run = daemon_->reader().run(again["id"]);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->request.retry_of, first);
  EXPECT_EQ(daemon_->reader().job(again["id"])->stacks.size(), daemon_->reader().job(first)->stacks.size());
  EXPECT_EQ(act("019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44", "retry").status, 404);
}

TEST_F(QueueOrder, TellsWhenRunsAreExpectedFromWhatTheyTookLast) {
  post();
  stage_.await_begun(1);
  post();
  EXPECT_FALSE(queue()[0].contains("ends_at")) << "no such run has ended yet";
  EXPECT_FALSE(queue()[1].contains("begins_at"));
  clock_.advance(10min);
  stage_.let_go();
  stage_.await_succeeded(1);
  stage_.await_begun(2);
  const WallTime begin = clock_.wall_now();
  clock_.advance(1min);
  post();
  post("beta");
  post();
  const json items = queue();
  ASSERT_EQ(items.size(), 4U);
  const auto at = [](WallTime instant) { return format_instant(instant); };
  const Nanos taken = *daemon_->reader().duration_of(*daemon_->reader().run(items[0]["run"])).value();
  EXPECT_GE(taken, 10min);
  EXPECT_EQ(items[0]["ends_at"], at(begin + taken));
  EXPECT_EQ(items[1]["begins_at"], at(begin + taken));
  EXPECT_EQ(items[1]["ends_at"], at(begin + 2 * taken));
  EXPECT_EQ(items[2]["begins_at"], at(begin + 2 * taken));
  EXPECT_FALSE(items[2].contains("ends_at")) << "beta alone was never measured";
  EXPECT_FALSE(items[3].contains("begins_at")) << "nor is anything known of what comes behind it";
}

}  // namespace
}  // namespace dyno::seams
