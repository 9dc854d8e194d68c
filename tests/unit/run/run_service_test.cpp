#include "run/run_service.h"

#include <gtest/gtest.h>

#include <future>

namespace dyno::run {
namespace {

// Executes jobs only when the test lets it, and records in what order.
class Stage {
 public:
  RunServiceCalls calls() {
    return {.execute =
                [this](const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting) {
                  return execute(job, std::move(stop), interrupting);
                },
            .settle = [this](const std::string& id, model::RunState state,
                             const std::string&) { note(id + " " + std::string(to_string(state))); }};
  }

  void await(const std::string& line) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return std::find(lines_.begin(), lines_.end(), line) != lines_.end(); });
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    ++permits_;
    changed_.notify_all();
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  model::RunState execute(const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting) {
    note("begin " + job.run_id);
    bool stopped = false;
    {
      std::unique_lock lock(mutex_);
      stopped = !changed_.wait(lock, stop, [&] { return permits_ > 0; });
      if (!stopped) --permits_;
    }
    note((stopped ? (interrupting() ? "interrupted " : "cancelled ") : "end ") + job.run_id);
    return stopped ? model::RunState::cancelled : model::RunState::succeeded;
  }
  void note(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::string> lines_;
  int permits_ = 0;
};

model::Job job(const std::string& id) {
  model::Job j;
  j.run_id = id;
  return j;
}

TEST(RunService, ExecutesOneRunAtATimeInOrder) {
  Stage stage;
  RunService service(stage.calls());
  service.enqueue(job("a"));
  service.enqueue(job("b"));
  stage.await("begin a");
  ASSERT_EQ(service.queue().size(), 2U);
  EXPECT_TRUE(service.queue()[0].running);
  EXPECT_EQ(service.queue()[1].run_id, "b");
  stage.let_go();
  stage.await("begin b");
  stage.let_go();
  stage.await("end b");
  EXPECT_EQ(stage.lines(), (std::vector<std::string>{"begin a", "end a", "begin b", "end b"}));
}

TEST(RunService, CancelsAQueuedRunAtOnceAndARunningOneByItsStopToken) {
  Stage stage;
  RunService service(stage.calls());
  service.enqueue(job("a"));
  stage.await("begin a");
  service.enqueue(job("b"));
  EXPECT_TRUE(service.cancel("b"));
  EXPECT_TRUE(service.cancel("a"));
  stage.await("cancelled a");
  EXPECT_EQ(stage.lines(), (std::vector<std::string>{"begin a", "b cancelled", "cancelled a"}));
  EXPECT_EQ(service.cancel("c").error().code, ErrorCode::not_found);
}

TEST(RunService, InterruptsTheRunUnderWayWhenItEnds) {
  Stage stage;
  {
    RunService service(stage.calls());
    service.enqueue(job("a"));
    stage.await("begin a");
    service.enqueue(job("b"));
  }
  EXPECT_EQ(stage.lines(), (std::vector<std::string>{"begin a", "interrupted a"}));
}

TEST(RunService, RefusesWhenTheQueueIsFullOrTheDaemonStops) {
  Stage stage;
  RunService service(stage.calls());
  service.enqueue(job("running"));
  stage.await("begin running");
  EXPECT_EQ(service.admission(), Admission::open);
  for (std::size_t i = 0; i < RunService::kLongestQueue; ++i) service.enqueue(job(std::to_string(i)));
  EXPECT_EQ(service.admission(), Admission::full);
  service.drain();
  EXPECT_EQ(service.admission(), Admission::draining);
}

}  // namespace
}  // namespace dyno::run
