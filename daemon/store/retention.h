// What may go from the database, and that it goes: run by run, each in one transaction. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/retention.h"
#include "store/database.h"

namespace dyno::store {

class Retention {
 public:
  // The database must outlive this.
  explicit Retention(Database& database) : database_(database) {}

  // Of runs that ended before, are not pinned and that no baseline names, oldest first.
  Result<std::vector<model::OldSeries>> old_series(WallTime ended_before, int limit) const;
  // How much went. Pinned runs and those that go on: conflict.
  Result<Bytes> drop_series(const std::string& run_id, WallTime now);
  // Of stacks in runs that were made here, those used longest ago first.
  Result<std::vector<model::UsedImage>> images() const;

 private:
  // Set once in the constructor.
  Database& database_;
};

}  // namespace dyno::store
