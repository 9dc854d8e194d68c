#include "run/preparation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <set>

#include "executor_fixture.h"

namespace dyno::run {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

// Holds the builds of an engine until so many of them go on.
class Meeting {
 public:
  explicit Meeting(int wanted) : wanted_(wanted) {}
  void come(const std::string& call) {
    if (!call.starts_with("build_image")) return;
    std::unique_lock lock(mutex_);
    ++here_;
    changed_.notify_all();
    met_ = changed_.wait_for(lock, seconds(20), [this] { return here_ >= wanted_; });
  }
  bool met() const { return met_; }

 private:
  const int wanted_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int here_ = 0;
  bool met_ = false;
};

class PreparationTest : public ExecutorTest {
 protected:
  PreparationTest() { rig_.emplace(rig(host_, journal_)); }

  Preparation::Run of_job() { return {job_.run_id, job_.stacks, job_.services, past_, checks_}; }
  Preparation::Tell tell() {
    return [this](const model::RunEvent& event) {
      if (const auto* const log = std::get_if<model::BuildLogged>(&event)) told_.push_back("log " + log->build.name);
      if (const auto* const made = std::get_if<model::StackPrepared>(&event)) told_.push_back(made->stack.name);
      if (const auto* const made = std::get_if<model::ServicePrepared>(&event)) told_.push_back(made->service);
      return Status();
    };
  }

  std::optional<Rig> rig_;
  PresentBuild present_;
  Resumption past_{RunPast{}};
  FileChecks checks_;
  std::vector<std::string> told_;
};

TEST_F(PreparationTest, BuildsTwoAtATimeAndTellsThemInTheOrderOfTheJob) {
  give_service();
  Meeting meeting(2);
  engine_.on_call([&](const std::string& call) { meeting.come(call); });
  Preparation preparation(*rig_, of_job(), present_, tell(), {}, 2);
  const auto alpha = preparation.stack(job_.stacks[0]);
  const auto beta = preparation.stack(job_.stacks[1]);
  const auto store = preparation.service(job_.services[0]);
  EXPECT_TRUE(meeting.met()) << "one waited for the other";
  ASSERT_TRUE(alpha && beta && store);
  EXPECT_NE(alpha->id, beta->id);
  EXPECT_THAT(told_, ElementsAre("log alpha", "alpha", "log beta", "beta", "log store", "store"));
  EXPECT_TRUE(present_.builds(job_.run_id).empty());
}

TEST_F(PreparationTest, VariantsThatShareAnImageDoNotBuildItTwice) {
  model::Stack variant = job_.stacks[0];
  variant.name = "alpha@other";
  variant.variant_of = "alpha";
  job_.stacks = {job_.stacks[0], variant};
  Preparation preparation(*rig_, of_job(), present_, tell(), {}, 2);
  const auto first = preparation.stack(job_.stacks[0]);
  const auto second = preparation.stack(job_.stacks[1]);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->id, second->id);
  const auto calls = engine_.calls();
  EXPECT_EQ(std::count_if(calls.begin(), calls.end(), [](const auto& c) { return c.starts_with("build_image"); }), 1);
}

TEST_F(PreparationTest, WhatNobodyAsksForAnyMoreIsStoppedAndForgotten) {
  Meeting meeting(2);
  std::stop_source stop;
  engine_.on_call([&](const std::string& call) { meeting.come(call); });
  {
    Preparation preparation(*rig_, of_job(), present_, tell(), stop.get_token(), 2);
    ASSERT_TRUE(preparation.stack(job_.stacks[0]));
  }
  EXPECT_TRUE(present_.builds(job_.run_id).empty()) << "who watches would wait for its end";
  EXPECT_THAT(told_, ElementsAre("log alpha", "alpha"));
}

// A thread that finds no memory for the second build ends nobody who has stopped asking for it.
TEST_F(PreparationTest, WhatABuildRanIntoIsOfNoInterestToARunThatHasEnded) {
  Meeting meeting(2);
  engine_.on_call([&](const std::string& call) {
    meeting.come(call);
    if (call.starts_with("build_image") && call.find("beta") != std::string::npos) throw std::bad_alloc();
  });
  {
    Preparation preparation(*rig_, of_job(), present_, tell(), {}, 2);
    ASSERT_TRUE(preparation.stack(job_.stacks[0]));
  }
  EXPECT_TRUE(meeting.met());
  EXPECT_TRUE(present_.builds(job_.run_id).empty());
  Preparation again(*rig_, of_job(), present_, tell(), {}, 2);
  EXPECT_THROW(static_cast<void>(again.stack(job_.stacks[1])), std::bad_alloc) << "who asks is told";
}

TEST_F(PreparationTest, OneAtATimeBeginsWithTheImageThatIsAskedFor) {
  Preparation preparation(*rig_, of_job(), present_, tell(), {}, 1);
  ASSERT_TRUE(preparation.stack(job_.stacks[0]));
  const auto calls = engine_.calls();
  EXPECT_EQ(std::count_if(calls.begin(), calls.end(), [](const auto& c) { return c.starts_with("build_image"); }), 1);
}

}  // namespace
}  // namespace dyno::run
