#include "app/submission.h"
#include "contract/contract_version.h"

#include <gtest/gtest.h>

#include <future>

#include "../store/sample_run.h"
#include "contract/contract_version.h"
#include "fakes/fake_clock.h"
#include "run/plan.h"

namespace dyno::app {
namespace {

class SubmissionTest : public testing::Test {
 protected:
  // One life of the daemon, whose files say `catalog`; gives the first job that it executes.
  model::Job live(const model::Job& catalog, const std::function<void(Submission&)>& act) {
    std::promise<model::Job> executed;
    std::future<model::Job> job = executed.get_future();
    run::RunService service({.execute =
                                 [&](const model::Job& begun, std::stop_token, const std::function<bool()>&) {
                                   executed.set_value(begun);
                                   return run::Executed{.state = model::RunState::succeeded};
                                 },
                             .tell = [](const std::string&, const model::RunEvent&) { return Status(); }},
                            clock_);
    const auto resolve = [&](const model::RunRequest&) -> Result<model::Job> { return catalog; };
    Submission submission(resolve, service, repository_, reader_, clock_);
    act(submission);
    return job.get();
  }
  Status resume(const std::string& run_id) {
    run::RunService service({.execute = {}, .tell = {}}, clock_);
    service.drain();
    return Submission({}, service, repository_, reader_, clock_).resume(run_id);
  }

  fakes::FakeClock clock_;
  std::unique_ptr<store::Database> database_ = std::move(*store::Database::open_in_memory());
  store::EventFeed feed_;
  store::RunRepository repository_{*database_, feed_};
  store::Reader reader_{*database_};
};

// Queued, killed, the profile and a stack edited, started again.
TEST_F(SubmissionTest, ResumesTheJobThatWasAcceptedWhateverTheFilesSayByThen) {
  model::Job accepted = store::sample_job();
  accepted.contract_version = contract::kContractVersion;
  std::string id;
  live(accepted, [&](Submission& submission) { id = submission.start(accepted.request, std::nullopt)->run_id; });
  model::Job edited = accepted;
  edited.profile.hash = "sha256:edited";
  edited.stacks.at(0).run.port = 9999;
  ASSERT_EQ(repository_.settle_unfinished(clock_.wall_now())->queued, std::vector<std::string>{id});
  const model::Job resumed = live(edited, [&](Submission& submission) {
    const Status done = submission.resume(id);
    ASSERT_TRUE(done) << done.error().message;
  });
  EXPECT_EQ(resumed.run_id, id);
  EXPECT_EQ(resumed.request.seed, accepted.request.seed);
  EXPECT_EQ(resumed.profile.hash, accepted.profile.hash);
  EXPECT_EQ(resumed.stacks.at(0).run.port, accepted.stacks.at(0).run.port);
}

TEST_F(SubmissionTest, ResumesNothingThatAnotherPlanOrContractAccepted) {
  model::Job job = store::sample_job();
  job.plan_version = run::kPlanVersion + 1;
  const Status other_plan = resume(repository_.enqueue(job, clock_.wall_now())->run_id);
  ASSERT_FALSE(other_plan);
  EXPECT_EQ(other_plan.error().code, ErrorCode::conflict);
  job.plan_version = run::kPlanVersion;
  job.contract_version = "0";
  EXPECT_FALSE(resume(repository_.enqueue(job, clock_.wall_now())->run_id));
  job = store::sample_job();
  job.contract_version = contract::kContractVersion;
  EXPECT_TRUE(resume(repository_.enqueue(job, clock_.wall_now())->run_id));
}

}  // namespace
}  // namespace dyno::app
