// Schedules that were made over REST, as the texts of the files that they would be, and what is known of every schedule beside its
// definition: since when, and whether it is paused. Every call is one transaction, durable when it returns. Thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "store/database.h"

namespace dyno::store {

struct StoredSchedule {
  std::string name;
  std::string text;
};

struct KnownSchedule {
  WallTime since;
  std::optional<WallTime> paused_at;

  bool operator==(const KnownSchedule&) const = default;
};

class ScheduleRepository {
 public:
  // The database must outlive the repository.
  explicit ScheduleRepository(Database& database) : database_(database) {}

  Result<std::vector<StoredSchedule>> all() const;
  // `conflict`: there is one of that name.
  Status add(const StoredSchedule& schedule, WallTime now);
  // `not_found`: there is none of that name. `conflict`: its text is no longer `before`.
  Status change(const StoredSchedule& schedule, const std::string& before, WallTime now);
  Status remove(const std::string& name, const std::string& before);

  // Since when each of these schedules is known: from now on, or from earlier. What is on record of others is forgotten. Where nothing can
  // be stored, what is new is on record at the next call alone.
  Result<std::map<std::string, KnownSchedule>> keep(const std::vector<std::string>& names, WallTime now);
  // `not_found`: no schedule of that name is kept.
  Status pause(const std::string& name, std::optional<WallTime> at);

 private:
  // Set once in the constructor.
  Database& database_;
};

}  // namespace dyno::store
