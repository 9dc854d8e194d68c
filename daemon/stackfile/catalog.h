// What there is to run: every stack, profile and schedule found in the configured folders, with the problems of those that
// cannot be used. A file with problems is listed without a value, never left out. Plain values; load_catalog reads files.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/problem.h"
#include "model/profile.h"
#include "model/schedule.h"
#include "model/service.h"
#include "model/stack.h"

namespace dyno::stackfile {

template <class T>
struct CatalogEntry {
  std::string name;  // of the folder or the file
  std::string file;
  std::optional<T> value;  // present exactly when there is no problem
  std::vector<model::Problem> problems;
};

struct Catalog {
  std::vector<CatalogEntry<model::Stack>> stacks;  // each list by name
  std::vector<CatalogEntry<model::Profile>> profiles;
  std::vector<CatalogEntry<model::Schedule>> schedules;
  std::vector<CatalogEntry<model::Service>> services;
  std::vector<model::Problem> problems;  // of the configured folders themselves

  // The value of that name; nullptr when there is none or it has problems.
  const model::Stack* find_stack(std::string_view name) const;
  const model::Profile* find_profile(std::string_view name) const;
  const model::Schedule* find_schedule(std::string_view name) const;
  // Of the folders and of every file.
  std::vector<model::Problem> all_problems() const;
};

struct CatalogFolders {
  std::vector<std::string> stacks;  // each holds one folder a stack
  std::string profiles;
  std::string schedules;   // empty or absent: no schedules
  std::string services{};  // holds folders, of which those with a service.yaml are services; empty: no services
  std::string uploads{};   // holds folders that came over REST (stack_folder.h); empty or absent: none
};

// A stack of the folders above wins over an upload of its name, and the newest upload over the others.
Catalog load_catalog(const CatalogFolders& folders);

// The stack of one folder that came over REST, under `name` (empty: as its file says), and the services of its own. Problems name its files
// as the folder has them.
Catalog load_uploaded(const std::string& folder, const std::string& name);

// Holds the catalog of the moment and replaces it whole on rescan(); who has taken one keeps what was true then.
// Thread-safe. Files are read outside the lock.
class CatalogHolder {
 public:
  // Reads the folders.
  explicit CatalogHolder(CatalogFolders folders);

  // Shared by the holder and whoever is still looking at it.
  std::shared_ptr<const Catalog> current() const;

  // Reads the folders again; every problem found.
  std::vector<model::Problem> rescan();

 private:
  // set once in the constructor
  CatalogFolders folders_;
  mutable std::mutex mutex_;
  // guarded by mutex_
  std::shared_ptr<const Catalog> current_;
};

}  // namespace dyno::stackfile
