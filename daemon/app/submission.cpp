#include "app/submission.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/quantity.h"
#include "base/random.h"
#include "run/resolve.h"
#include "schedule/due_times.h"

namespace dyno::app {
namespace {

tl::unexpected<run::Refusal> refused(run::Refused why, Error error) {
  return tl::unexpected<run::Refusal>({why, std::move(error)});
}

// By the store.
tl::unexpected<run::Refusal> not_stored(Error error) {
  const auto why = error.code == ErrorCode::storage ? run::Refused::no_room : run::Refused::other;
  return refused(why, std::move(error));
}

}  // namespace

std::optional<run::Refusal> Submission::why_not_admitted() const {
  if (auto low = service_.why_no_room())
    return run::Refusal{run::Refused::no_room, {ErrorCode::storage, "no run begins: " + std::move(low->text)}};
  switch (service_.admission()) {
    case run::Admission::open: break;
    case run::Admission::full:
      return run::Refusal{run::Refused::queue_full,
                          {ErrorCode::unavailable,
                           fmt::format("the queue is full: {} runs are waiting", run::RunService::kLongestQueue)}};
    case run::Admission::draining:
      return run::Refusal{run::Refused::draining, {ErrorCode::unavailable, "the daemon is stopping"}};
  }
  return std::nullopt;
}

tl::expected<model::Job, run::Refusal> Submission::prepare(const model::RunRequest& request) const {
  if (auto refusal = why_not_admitted()) return tl::unexpected<run::Refusal>(std::move(*refusal));
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
  if (!stored) return not_stored(std::move(stored.error()));
  if (stored->repeated) return std::move(*stored);
  job->run_id = stored->run_id;
  service_.enqueue(std::move(*job));
  return std::move(*stored);
}

tl::expected<std::string, run::Refusal> Submission::fire(const model::Schedule& schedule, WallTime nominal_at,
                                                         bool made_up) {
  const WallTime now = clock_.wall_now();
  model::RunRequest request;
  request.stacks = schedule.stacks;
  request.profile = schedule.profile;
  request.seed = random_seed();
  request.trigger = model::Trigger::schedule;
  request.schedule = schedule.name;
  request.nominal_at = nominal_at;
  request.budget = schedule.budget;
  request.start_by = (made_up ? now : nominal_at + schedule::jitter_of(schedule)) + schedule.start_deadline;
  auto job = prepare(request);
  if (!job) return tl::unexpected<run::Refusal>(std::move(job.error()));
  const auto unchanged = why_unchanged(schedule, *job);
  if (!unchanged) return refused(run::Refused::other, unchanged.error());
  if (!unchanged->empty()) return refused(run::Refused::unchanged, {ErrorCode::conflict, *unchanged});
  auto run_id = repository_.fire(schedule, nominal_at, *job, now, made_up);
  if (!run_id) {
    // The unique key of a due time: a second fire is impossible.
    const bool settled = run_id.error().code == ErrorCode::conflict;
    return settled ? refused(run::Refused::settled, std::move(run_id.error())) : not_stored(std::move(run_id.error()));
  }
  if (schedule.overlap == model::OverlapPolicy::replace) cancel_others(schedule.name, *run_id);
  job->run_id = *run_id;
  service_.enqueue(std::move(*job));
  return std::move(*run_id);
}

tl::expected<std::string, run::Refusal> Submission::run_now(const model::Schedule& schedule, bool forced) {
  if (!forced) {
    const auto overlap = repository_.why_overlapping(schedule);
    if (!overlap) return refused(run::Refused::other, overlap.error());
    if (!overlap->empty()) return refused(run::Refused::overlap, {ErrorCode::conflict, *overlap});
  }
  model::RunRequest request;
  request.stacks = schedule.stacks;
  request.profile = schedule.profile;
  request.trigger = model::Trigger::manual;
  request.schedule = schedule.name;
  request.budget = schedule.budget;
  auto stored = start(std::move(request), std::nullopt);
  if (!stored) return tl::unexpected<run::Refusal>(std::move(stored.error()));
  if (!forced && schedule.overlap == model::OverlapPolicy::replace) cancel_others(schedule.name, stored->run_id);
  return std::move(stored->run_id);
}

Result<std::string> Submission::why_unchanged(const model::Schedule& schedule, const model::Job& job) const {
  if (!schedule.only_if_changed) return std::string();
  store::RunFilter filter;
  filter.states = {model::RunState::succeeded};
  filter.schedule = schedule.name;
  filter.limit = 1;
  const auto runs = reader_.runs(filter);
  if (!runs) return fail(runs.error());
  if (runs->empty() || !runs->front().finished_at) return std::string();
  const model::Run& last = runs->front();
  if (clock_.wall_now() - *last.finished_at >= *schedule.only_if_changed) return std::string();
  if (last.profile_hash != job.profile.hash || last.stacks.size() != job.stacks.size()) return std::string();
  for (const model::Stack& stack : job.stacks) {
    const auto same = [&](const model::RunStack& s) { return s.name == stack.name && s.hash == stack.hash; };
    if (std::none_of(last.stacks.begin(), last.stacks.end(), same)) return std::string();
  }
  return fmt::format("stacks and profile are those of the run of {} UTC",
                     format_stamp(*last.finished_at, std::chrono::seconds(0)));
}

// The new run is stored by now, so that whatever happens here the due time is settled once.
void Submission::cancel_others(const std::string& schedule, const std::string& run_id) {
  const auto runs = reader_.open_runs(schedule);
  if (!runs) return;
  for (const std::string& id : *runs) {
    if (id != run_id) static_cast<void>(service_.cancel(id));
  }
}

tl::expected<std::string, run::Refusal> Submission::retry(const std::string& run_id) {
  const auto run = reader_.run(run_id);
  if (!run) return refused(run::Refused::request, run.error());
  if (!model::is_terminal(run->state))
    return refused(run::Refused::request, {ErrorCode::conflict, "the run has not ended yet"});
  if (auto refusal = why_not_admitted()) return tl::unexpected<run::Refusal>(std::move(*refusal));
  auto job = reader_.job(run_id);
  if (!job) return refused(run::Refused::request, with_context(std::move(job.error()), "it cannot be repeated"));
  if (const Status same = run::check_versions(*job); !same) return refused(run::Refused::request, same.error());
  job->request.trigger = model::Trigger::manual;
  job->request.nominal_at.reset();
  job->request.start_by.reset();
  job->request.retry_of = run_id;
  auto stored = repository_.enqueue(*job, clock_.wall_now());
  if (!stored) return not_stored(std::move(stored.error()));
  job->run_id = stored->run_id;
  service_.enqueue(std::move(*job));
  return std::move(stored->run_id);
}

Status Submission::resume(const std::string& run_id, run::Arrival arrival) {
  // As accepted, whatever the files say by now.
  auto job = reader_.job(run_id);
  if (!job) return fail(std::move(job.error()));
  if (auto same = run::check_versions(*job); !same) return same;
  service_.enqueue(std::move(*job), arrival);
  return {};
}

}  // namespace dyno::app
