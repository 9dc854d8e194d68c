#include "app/catalogue.h"

#include "run/resolve.h"

namespace dyno::app {
namespace {

template <class Entry, class Value>
void add_usable(const std::vector<Entry>& entries, std::vector<Value>& usable) {
  for (const auto& entry : entries) {
    if (entry.value) usable.push_back(*entry.value);
  }
}

}  // namespace

std::shared_ptr<const api::CatalogView> Catalogue::view() const {
  const auto catalog = holder_.current();
  auto view = std::make_shared<api::CatalogView>();
  add_usable(catalog->stacks, view->stacks);
  add_usable(catalog->profiles, view->profiles);
  add_usable(catalog->schedules, view->schedules);
  view->problems = catalog->all_problems();
  return view;
}

std::shared_ptr<const api::CatalogView> Catalogue::rescan(const std::function<void(const api::CatalogView&)>& use) {
  const std::lock_guard lock(rescanning_);
  holder_.rescan();
  auto read = view();
  use(*read);
  return read;
}

Result<model::Job> Catalogue::resolve(const model::RunRequest& request) const {
  const auto catalog = holder_.current();
  std::vector<model::Stack> stacks;
  std::vector<model::Profile> profiles;
  std::vector<model::Service> services;
  add_usable(catalog->stacks, stacks);
  add_usable(catalog->profiles, profiles);
  add_usable(catalog->services, services);
  return run::resolve(request, stacks, profiles, services);
}

}  // namespace dyno::app
