// Holds the catalog of the moment and replaces it whole on rescan(); who has taken one keeps what was true then.
// Thread-safe. Files are read outside the lock.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "stackfile/catalog.h"

namespace dyno::stackfile {

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
