// All schedules, of files and made over REST, and the scheduler of the moment, which is replaced whole when one of them changes or
// the folders are read again. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/api_context.h"
#include "app/submission.h"
#include "base/clock.h"
#include "model/schedule.h"
#include "schedule/scheduler.h"
#include "store/reader.h"
#include "store/run_repository.h"
#include "store/schedule_repository.h"

namespace dyno::app {

class Schedules {
 public:
  // All must outlive it.
  Schedules(Clock& clock, Submission& submission, store::RunRepository& repository,
            store::ScheduleRepository& definitions, const store::Reader& reader)
      : clock_(clock), submission_(submission), repository_(repository), definitions_(definitions), reader_(reader) {}

  // Fires these of files and the stored ones from now on, and no others. `unusable`: files of schedules that are none, each with what
  // is wrong with it.
  void replace(std::vector<model::Schedule> of_files, std::map<std::string, std::string> unusable = {});
  // Schedule or file name → what is wrong with it just now.
  std::map<std::string, std::string> problems() const;
  // Schedule → what should be known about it but keeps nothing from working.
  std::map<std::string, std::string> notices() const;
  // What the API does with them.
  api::ScheduleCalls calls();

 private:
  using Refused = tl::expected<void, api::ScheduleRefusal>;

  std::vector<api::ScheduleEntry> list() const;
  tl::expected<std::string, api::ScheduleRefusal> add(const std::string& text);
  Refused change(const std::string& name, const std::string& text, const std::string& before);
  Refused remove(const std::string& name, const std::string& before);
  Status pause(const std::string& name, bool paused);

  // With mutex_ held.
  void reload();
  void read_stored();
  Refused expect_stored(const std::string& name) const;
  std::map<std::string, std::string> all_problems() const;
  std::vector<std::string> names() const;

  schedule::FireOutcome fire(const model::Schedule& schedule, WallTime nominal_at, bool made_up) const;
  Status skip(const model::Fire& fire) const;
  Result<std::map<std::string, WallTime>> known_since(const std::vector<std::string>& names, WallTime now) const;

  // Set once in the constructor.
  Clock& clock_;
  Submission& submission_;
  store::RunRepository& repository_;
  store::ScheduleRepository& definitions_;
  const store::Reader& reader_;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::vector<model::Schedule> of_files_;
  std::map<std::string, std::string> unusable_files_;
  std::vector<api::ScheduleEntry> entries_;             // of files, then stored ones
  std::map<std::string, std::string> unusable_stored_;  // that an older version took, or whose name a file has
  std::unique_ptr<schedule::Scheduler> scheduler_;
};

}  // namespace dyno::app
