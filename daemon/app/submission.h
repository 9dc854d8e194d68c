// From a request to a stored and queued run, for the API, the schedules, and the queue that a restart finds. Thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "model/run.h"
#include "model/schedule.h"
#include "run/run_service.h"
#include "store/reader.h"
#include "store/run_repository.h"

namespace dyno::app {

class Submission {
 public:
  // Stacks and profile of a request as the catalogue has them, or every reason why it cannot be run.
  using Resolve = std::function<Result<model::Job>(const model::RunRequest&)>;

  // All must outlive it.
  Submission(Resolve resolve, run::RunService& service, store::RunRepository& repository, const store::Reader& reader,
             Clock& clock)
      : resolve_(std::move(resolve)), service_(service), repository_(repository), reader_(reader), clock_(clock) {}

  tl::expected<store::Enqueued, run::Refusal> start(model::RunRequest request,
                                                    const std::optional<store::RequestKey>& key);
  // For a due time: the fire and its run are stored together; the run's id. `made_up`: the due time was missed.
  tl::expected<std::string, run::Refusal> fire(const model::Schedule& schedule, WallTime nominal_at, bool made_up);
  // A run of the schedule out of turn; `forced`: whatever becomes of its other runs.
  tl::expected<std::string, run::Refusal> run_now(const model::Schedule& schedule, bool forced);
  // A new run of the job of another, which has ended, with its seed: the same plan.
  tl::expected<std::string, run::Refusal> retry(const std::string& run_id);
  // A run that was queued when the daemon last ended.
  Status resume(const std::string& run_id, run::Arrival arrival = run::Arrival::by_urgency);

 private:
  std::optional<run::Refusal> why_not_admitted() const;
  tl::expected<model::Job, run::Refusal> prepare(const model::RunRequest& request) const;
  // Words for a job that would measure what the schedule has measured not long ago; empty: it would not.
  Result<std::string> why_unchanged(const model::Schedule& schedule, const model::Job& job) const;
  void cancel_others(const std::string& schedule, const std::string& run_id);

  const Resolve resolve_;
  run::RunService& service_;
  store::RunRepository& repository_;
  const store::Reader& reader_;
  Clock& clock_;
};

}  // namespace dyno::app
