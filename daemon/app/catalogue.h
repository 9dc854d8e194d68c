// What the folders of stacks, profiles, schedules and services hold, as the API shows it and as a run is resolved from it.
// Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "api/api_context.h"
#include "base/result.h"
#include "model/job.h"
#include "model/problem.h"
#include "model/run.h"
#include "stackfile/catalog.h"

namespace dyno::app {

class Catalogue {
 public:
  // Reads the folders.
  explicit Catalogue(stackfile::CatalogFolders folders) : holder_(std::move(folders)) {}

  std::shared_ptr<const api::CatalogView> view() const;
  // Reads the folders again, and hands what they hold to `use` before another call may: what was read last is what is used.
  std::shared_ptr<const api::CatalogView> rescan(const std::function<void(const api::CatalogView&)>& use);
  std::vector<model::Problem> problems() const { return holder_.current()->all_problems(); }
  // Whether the daemon's own folders have a stack of that name, with problems or without.
  bool is_in_folders(const std::string& name) const;
  // Name of each file of a schedule that cannot be used → the first thing that is wrong with it.
  std::map<std::string, std::string> unusable_schedules() const;
  // The job of a request, without an id; or every reason why it cannot be run.
  Result<model::Job> resolve(const model::RunRequest& request) const;

 private:
  stackfile::CatalogHolder holder_;
  std::mutex rescanning_;  // held while one reads: it guards the order of rescans, and no member
};

}  // namespace dyno::app
