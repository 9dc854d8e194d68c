#include "app/submission.h"

#include "base/random.h"
#include "run/resolve.h"

namespace dyno::app {

Result<store::Enqueued> Submission::start(model::RunRequest request, const std::optional<store::RequestKey>& key) {
  if (request.seed == 0) request.seed = random_seed();
  auto job = service_.prepare(request);
  if (!job) return fail(std::move(job.error()));
  auto stored = repository_.enqueue(*job, clock_.wall_now(), key);
  if (!stored || stored->repeated) return stored;
  job->run_id = stored->run_id;
  service_.enqueue(std::move(*job));
  return stored;
}

Result<std::string> Submission::fire(const model::Schedule& schedule, WallTime nominal_at) {
  model::RunRequest request;
  request.stacks = schedule.stacks;
  request.profile = schedule.profile;
  request.seed = random_seed();
  request.trigger = model::Trigger::schedule;
  request.schedule = schedule.name;
  request.nominal_at = nominal_at;
  auto job = service_.prepare(request);
  // The scheduler records a skip for what can never be run and tries the rest again: a full queue passes.
  if (!job) return fail(std::move(job.error()));
  auto run_id = repository_.fire(schedule, nominal_at, *job, clock_.wall_now());
  if (!run_id) return run_id;
  job->run_id = *run_id;
  service_.enqueue(std::move(*job));
  return run_id;
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
