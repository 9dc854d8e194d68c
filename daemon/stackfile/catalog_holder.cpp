#include "stackfile/catalog_holder.h"

namespace dyno::stackfile {

CatalogHolder::CatalogHolder(CatalogFolders folders)
    : folders_(std::move(folders)), current_(std::make_shared<const Catalog>(load_catalog(folders_))) {}

std::shared_ptr<const Catalog> CatalogHolder::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::vector<model::Problem> CatalogHolder::rescan() {
  auto fresh = std::make_shared<const Catalog>(load_catalog(folders_));
  auto problems = fresh->all_problems();
  const std::lock_guard lock(mutex_);
  current_ = std::move(fresh);
  return problems;
}

}  // namespace dyno::stackfile
