#include "app/submission.h"

#include <fmt/format.h>

#include <utility>

#include "base/random.h"
#include "run/resolve.h"

namespace dyno::app {
namespace {

tl::unexpected<run::Refusal> refused(run::Refused why, Error error) {
  return tl::unexpected<run::Refusal>({why, std::move(error)});
}

}  // namespace

tl::expected<model::Job, run::Refusal> Submission::prepare(const model::RunRequest& request) const {
  switch (service_.admission()) {
    case run::Admission::open: break;
    case run::Admission::full:
      return refused(run::Refused::queue_full,
                     {ErrorCode::unavailable,
                      fmt::format("the queue is full: {} runs are waiting", run::RunService::kLongestQueue)});
    case run::Admission::draining:
      return refused(run::Refused::draining, {ErrorCode::unavailable, "the daemon is stopping"});
  }
  auto job = resolve_(request);
  if (!job) return refused(run::Refused::request, std::move(job.error()));
  return std::move(*job);
}

tl::expected<store::Enqueued, run::Refusal> Submission::start(model::RunRequest request,
                                                              const std::optional<store::RequestKey>& key) {
  if (request.seed == 0) request.seed = random_seed();
  auto job = prepare(request);
  if (!job) return tl::unexpected<run::Refusal>(std::move(job.error()));
  auto stored = repository_.enqueue(*job, clock_.wall_now(), key);
  if (!stored) return refused(run::Refused::other, std::move(stored.error()));
  if (stored->repeated) return std::move(*stored);
  job->run_id = stored->run_id;
  service_.enqueue(std::move(*job));
  return std::move(*stored);
}

tl::expected<std::string, run::Refusal> Submission::fire(const model::Schedule& schedule, WallTime nominal_at) {
  model::RunRequest request;
  request.stacks = schedule.stacks;
  request.profile = schedule.profile;
  request.seed = random_seed();
  request.trigger = model::Trigger::schedule;
  request.schedule = schedule.name;
  request.nominal_at = nominal_at;
  auto job = prepare(request);
  if (!job) return tl::unexpected<run::Refusal>(std::move(job.error()));
  auto run_id = repository_.fire(schedule, nominal_at, *job, clock_.wall_now());
  if (!run_id) {
    // The unique key of a due time: a second fire is impossible.
    const bool settled = run_id.error().code == ErrorCode::conflict;
    return refused(settled ? run::Refused::settled : run::Refused::other, std::move(run_id.error()));
  }
  job->run_id = *run_id;
  service_.enqueue(std::move(*job));
  return std::move(*run_id);
}

Status Submission::resume(const std::string& run_id) {
  // As accepted, whatever the files say by now.
  auto job = reader_.job(run_id);
  if (!job) return fail(std::move(job.error()));
  if (auto same = run::check_versions(*job); !same) return same;
  service_.enqueue(std::move(*job));
  return {};
}

}  // namespace dyno::app
