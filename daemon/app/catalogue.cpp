#include "app/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "run/resolve.h"
#include "stackfile/stack_folder.h"

namespace dyno::app {
namespace {

template <class Entry, class Value>
void add_usable(const std::vector<Entry>& entries, std::vector<Value>& usable) {
  for (const auto& entry : entries) {
    if (entry.value) usable.push_back(*entry.value);
  }
}

template <class Entry>
void add_faulty(const std::string& kind, const std::vector<Entry>& entries, std::vector<api::FaultyFile>& faulty) {
  for (const auto& entry : entries) {
    if (!entry.problems.empty()) faulty.push_back({kind, entry.name, entry.problems});
  }
}

// Why what is named by its whole name cannot be used, one reason a line.
template <class Entry>
void explain(const std::vector<Entry>& entries, const std::string& name, std::string& words) {
  for (const auto& entry : entries) {
    if (entry.name != name || entry.value) continue;
    for (const auto& problem : entry.problems)
      words += fmt::format("{}{}:{}: {}", words.empty() ? "" : "\n", problem.file, problem.line, problem.message);
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
  add_faulty("stack", catalog->stacks, view->faulty);
  add_faulty("profile", catalog->profiles, view->faulty);
  add_faulty("schedule", catalog->schedules, view->faulty);
  return view;
}

std::shared_ptr<const api::CatalogView> Catalogue::rescan(const std::function<void(const api::CatalogView&)>& use) {
  const std::lock_guard lock(rescanning_);
  holder_.rescan();
  auto read = view();
  use(*read);
  return read;
}

bool Catalogue::is_in_folders(const std::string& name) const {
  const auto catalog = holder_.current();
  return std::any_of(catalog->stacks.begin(), catalog->stacks.end(), [&](const auto& entry) {
    const auto folder = std::filesystem::path(entry.file).parent_path().filename().string();
    return entry.name == name && !stackfile::parse_upload_folder_name(folder);
  });
}

std::map<std::string, std::string> Catalogue::unusable_schedules() const {
  std::map<std::string, std::string> unusable;
  for (const auto& entry : holder_.current()->schedules) {
    if (entry.value || entry.problems.empty()) continue;
    const model::Problem& first = entry.problems.front();
    unusable[entry.name] = fmt::format("{}:{}: {}", first.file, first.line, first.message);
  }
  return unusable;
}

Result<model::Job> Catalogue::resolve(const model::RunRequest& request) const {
  const auto catalog = holder_.current();
  std::string faults;
  for (const std::string& name : request.stacks) explain(catalog->stacks, name, faults);
  explain(catalog->profiles, request.profile, faults);
  if (!faults.empty()) return fail(ErrorCode::invalid_argument, std::move(faults));
  std::vector<model::Stack> stacks;
  std::vector<model::Profile> profiles;
  std::vector<model::Service> services;
  add_usable(catalog->stacks, stacks);
  add_usable(catalog->profiles, profiles);
  add_usable(catalog->services, services);
  return run::resolve(request, stacks, profiles, services);
}

}  // namespace dyno::app
