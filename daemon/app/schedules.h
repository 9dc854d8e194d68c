// The scheduler of the moment: replaced whole when the folders are read again. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/submission.h"
#include "base/clock.h"
#include "model/schedule.h"
#include "schedule/scheduler.h"
#include "store/reader.h"
#include "store/run_repository.h"

namespace dyno::app {

class Schedules {
 public:
  // All must outlive it.
  Schedules(Clock& clock, Submission& submission, store::RunRepository& repository, const store::Reader& reader)
      : clock_(clock), submission_(submission), repository_(repository), reader_(reader) {}

  // Fires these from now on, and no others. `unusable`: files of schedules that are none, each with what is wrong with it.
  void replace(std::vector<model::Schedule> schedules, std::map<std::string, std::string> unusable = {});
  // Schedule or file name → what is wrong with it just now.
  std::map<std::string, std::string> problems() const;
  // Schedule → what should be known about it but keeps nothing from working.
  std::map<std::string, std::string> notices() const;

 private:
  schedule::FireOutcome fire(const model::Schedule& schedule, WallTime nominal_at, bool made_up) const;
  Status skip(const model::Fire& fire) const;

  // Set once in the constructor.
  Clock& clock_;
  Submission& submission_;
  store::RunRepository& repository_;
  const store::Reader& reader_;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::unique_ptr<schedule::Scheduler> scheduler_;
  std::map<std::string, std::string> unusable_;
};

}  // namespace dyno::app
