#include "app/submission.h"

#include "base/random.h"

namespace dyno::app {
namespace {

store::NewRun stored_form(const run::Job& job) {
  store::NewRun stored;
  stored.request = job.request;
  stored.profile_hash = job.profile.hash;
  stored.blocks = job.profile.blocks;
  for (const auto& stack : job.stacks) {
    model::RunStack s;
    s.name = stack.name;
    s.title = stack.title;
    s.runtime = to_string(stack.runtime);
    s.stack_class = to_string(stack.stack_class);
    s.hash = stack.hash;
    stored.stacks.push_back(std::move(s));
  }
  return stored;
}

}  // namespace

Result<store::Enqueued> Submission::start(model::RunRequest request, const std::optional<store::RequestKey>& key) {
  if (request.seed == 0) request.seed = random_seed();
  auto job = service_.prepare(request);
  if (!job) return fail(std::move(job.error()));
  auto stored = repository_.enqueue(stored_form(*job), clock_.wall_now(), key);
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
  auto run_id = repository_.fire(schedule, nominal_at, stored_form(*job), clock_.wall_now());
  if (!run_id) return run_id;
  job->run_id = *run_id;
  service_.enqueue(std::move(*job));
  return run_id;
}

Status Submission::resume(const std::string& run_id) {
  auto run = reader_.run(run_id);
  if (!run) return fail(std::move(run.error()));
  model::RunRequest request = run->request;
  request.blocks = run->blocks;  // as accepted, whatever the profile says by now
  auto job = service_.prepare(request);
  if (!job) return fail(std::move(job.error()));
  job->run_id = run_id;
  service_.enqueue(std::move(*job));
  return {};
}

}  // namespace dyno::app
