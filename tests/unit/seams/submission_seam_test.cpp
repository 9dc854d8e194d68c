// A request that is sent again with its Idempotency-Key gives the run of the first one, whatever has become of the queue, the
// stacks or the daemon in between: through the handler, the submission, the queue and the store.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include <nlohmann/json.hpp>

#include "small_daemon.h"

namespace dyno::seams {
namespace {

using fakes::FakeClock;
using nlohmann::json;

constexpr const char* kBody = R"({"stacks":["alpha"],"profile":"quick"})";
constexpr const char* kOtherBody = R"({"stacks":["beta"],"profile":"quick"})";

class SubmissionSeam : public testing::Test {
 protected:
  SubmissionSeam() : database_(std::move(store::Database::open_in_memory().value())) { restart(small_catalog()); }

  void restart(api::CatalogView catalog) {
    daemon_.reset();
    daemon_ = std::make_unique<SmallDaemon>(*database_, clock_, stage_, std::move(catalog));
  }
  // The id of the run that the answer gives; fails the test where it gives none.
  static std::string run_of(const api::Response& answer) {
    EXPECT_EQ(answer.status, 202) << answer.body;
    const json body = json::parse(answer.body, nullptr, false);
    return body.is_object() ? body.value("id", "") : "";
  }
  std::size_t runs() const {
    store::RunFilter filter;
    filter.limit = 1000;
    return daemon_->reader().runs(filter)->size();
  }
  void fill_queue() {
    for (int i = 1; daemon_->waiting() < run::RunService::kLongestQueue; ++i)
      run_of(daemon_->post_run(R"({"stacks":["beta"],"profile":"quick","seed":")" + std::to_string(i) + "\"}"));
  }

  FakeClock clock_{FakeClock::Mode::manual};
  std::unique_ptr<store::Database> database_;
  Stage stage_;
  std::unique_ptr<SmallDaemon> daemon_;
};

TEST_F(SubmissionSeam, TheSameKeyGivesTheSameRunWhileItWaitsRunsAndHasEnded) {
  run_of(daemon_->post_run(kOtherBody));
  stage_.await_begun(1);
  const std::string first = run_of(daemon_->post_run(kBody, "key"));
  EXPECT_EQ(run_of(daemon_->post_run(kBody, "key")), first) << "waits";
  EXPECT_EQ(daemon_->waiting(), 1U);
  stage_.let_go();
  stage_.await_begun(2);
  EXPECT_EQ(run_of(daemon_->post_run(kBody, "key")), first) << "runs";
  stage_.let_go();
  stage_.await_succeeded(2);
  EXPECT_EQ(daemon_->reader().run(first)->state, model::RunState::succeeded);
  EXPECT_EQ(run_of(daemon_->post_run(kBody, "key")), first) << "has ended";
  EXPECT_EQ(runs(), 2U);
  EXPECT_EQ(stage_.begun().size(), 2U);
}

TEST_F(SubmissionSeam, TheSameKeyGivesTheSameRunWhenTheQueueHasFilled) {
  const std::string first = run_of(daemon_->post_run(kBody, "key"));
  stage_.await_begun(1);
  fill_queue();
  const std::size_t before = runs();
  EXPECT_EQ(run_of(daemon_->post_run(kBody, "key")), first);
  const auto refused = daemon_->post_run(kBody, "new-key");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("queue-full"), std::string::npos) << refused.body;
  EXPECT_TRUE(std::any_of(refused.headers.begin(), refused.headers.end(),
                          [](const auto& header) { return header.first == "Retry-After"; }));
  EXPECT_NE(refused.body.find("queue is full"), std::string::npos) << refused.body;
  EXPECT_EQ(runs(), before) << "a refused request leaves nothing behind";
  // … not even its key: when there is room again it is taken.
  stage_.let_go();
  stage_.await_begun(2);
  EXPECT_NE(run_of(daemon_->post_run(kBody, "new-key")), first);
}

TEST_F(SubmissionSeam, TheSameKeyGivesTheSameRunAfterARestart) {
  run_of(daemon_->post_run(kOtherBody));
  stage_.await_begun(1);
  const std::string first = run_of(daemon_->post_run(kBody, "key"));
  restart(small_catalog());
  stage_.let_go();  // the other goes on before it
  stage_.await_begun(3);
  EXPECT_EQ(run_of(daemon_->post_run(kBody, "key")), first);
  EXPECT_EQ(stage_.begun().back(), first) << "it waited in the database";
  EXPECT_EQ(runs(), 2U);
}

TEST_F(SubmissionSeam, TheSameKeyGivesTheSameRunWhenItsStackIsGone) {
  const std::string first = run_of(daemon_->post_run(kBody, "key"));
  stage_.await_begun(1);
  auto without = small_catalog();
  without.stacks.erase(without.stacks.begin());
  restart(std::move(without));
  EXPECT_EQ(run_of(daemon_->post_run(kBody, "key")), first);
  EXPECT_EQ(daemon_->post_run(kBody, "new-key").status, 422);
}

TEST_F(SubmissionSeam, TheSameKeyGivesTheSameRunWhileTheDaemonStops) {
  const std::string first = run_of(daemon_->post_run(kBody, "key"));
  stage_.await_begun(1);
  daemon_->drain();
  EXPECT_EQ(run_of(daemon_->post_run(kBody, "key")), first);
  EXPECT_EQ(daemon_->post_run(kBody, "new-key").status, 503);
}

TEST_F(SubmissionSeam, TheSameKeyWithAnotherBodyIsRefused) {
  const std::string first = run_of(daemon_->post_run(kBody, "key"));
  const auto refused = daemon_->post_run(kOtherBody, "key");
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_NE(refused.body.find("key-reused"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find("Idempotency-Key"), std::string::npos) << refused.body;
  EXPECT_EQ(run_of(daemon_->post_run(kBody, "key")), first);
  EXPECT_EQ(runs(), 1U);
}

TEST_F(SubmissionSeam, AKeyIsForgottenAfterADay) {
  const std::string first = run_of(daemon_->post_run(kBody, "key"));
  clock_.advance(std::chrono::hours(23));
  EXPECT_EQ(run_of(daemon_->post_run(kBody, "key")), first);
  clock_.advance(std::chrono::hours(2));
  EXPECT_NE(run_of(daemon_->post_run(kOtherBody, "key")), first);
}

TEST_F(SubmissionSeam, OneKeyFromManyThreadsIsOneRun) {
  std::vector<std::string> ids(8);
  {
    std::vector<std::jthread> threads;
    threads.reserve(ids.size());
    for (std::string& id : ids) threads.emplace_back([this, &id] { id = run_of(daemon_->post_run(kBody, "key")); });
  }
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 1U);
  EXPECT_EQ(runs(), 1U);
  stage_.await_begun(1);
  EXPECT_EQ(daemon_->waiting(), 0U);
}

}  // namespace
}  // namespace dyno::seams
