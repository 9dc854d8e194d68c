// Named baselines. Every call is one transaction, durable when it returns. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/baseline.h"
#include "store/database.h"

namespace dyno::store {

class BaselineRepository {
 public:
  // The database must outlive the repository.
  explicit BaselineRepository(Database& database) : database_(database) {}

  Result<std::vector<model::Baseline>> all() const;  // by name
  Result<std::optional<model::Baseline>> find(const std::string& name) const;
  // `before`: what the caller knows of that name, nothing where there is none; `conflict` where that is no longer so.
  Status put(const model::Baseline& baseline, const std::optional<model::Baseline>& before, WallTime now);
  Status remove(const model::Baseline& before);

 private:
  // Set once in the constructor.
  Database& database_;
};

}  // namespace dyno::store
