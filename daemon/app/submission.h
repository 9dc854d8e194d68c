// From a request to a stored and queued run, for the API, the schedules, and the queue that a restart finds. Thread-safe.
#pragma once

#include <optional>
#include <string>

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
  // All must outlive it.
  Submission(run::RunService& service, store::RunRepository& repository, const store::Reader& reader, Clock& clock)
      : service_(service), repository_(repository), reader_(reader), clock_(clock) {}

  Result<store::Enqueued> start(model::RunRequest request, const std::optional<store::RequestKey>& key);
  // For a due time: the fire and its run are stored together.
  Result<std::string> fire(const model::Schedule& schedule, WallTime nominal_at);
  // A run that was queued when the daemon last ended.
  Status resume(const std::string& run_id);

 private:
  run::RunService& service_;
  store::RunRepository& repository_;
  const store::Reader& reader_;
  Clock& clock_;
};

}  // namespace dyno::app
