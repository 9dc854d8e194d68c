// Remembers over restarts what was verified in full. The key stands for all that the verification depends on (run/verified_work.h).
// Thread-safe.
#pragma once

#include <string>

#include "base/result.h"
#include "base/units.h"
#include "store/database.h"

namespace dyno::store {

class VerificationMemory {
 public:
  // The database must outlive it.
  explicit VerificationMemory(Database& database) : database_(database) {}

  Result<bool> knows(const std::string& key) const;
  Status remember(const std::string& key, const std::string& image_id, WallTime now);

 private:
  // Set once in the constructor.
  Database& database_;
};

}  // namespace dyno::store
