#include "stackfile/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <system_error>

#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "model/dockerfile.h"
#include "model/stack_pattern.h"
#include "stackfile/files.h"
#include "stackfile/parts.h"
#include "stackfile/read_yaml.h"
#include "stackfile/stack_folder.h"

namespace dyno::stackfile {
namespace {

namespace fs = std::filesystem;
using model::Problem;

constexpr std::size_t kMaxDockerfileBytes = 1U << 20U;

Problem problem_of(std::string file, std::string code, std::string message) {
  return {std::move(file), 0, 0, "", std::move(code), std::move(message)};
}

// A problem that shows only outside the text, at the key that is to blame.
Problem problem_at(const std::string& file, std::string_view text, std::string pointer, std::string code,
                   std::string message) {
  const Mark mark = locate(text, pointer);
  return {file, mark.line, mark.column, std::move(pointer), std::move(code), std::move(message)};
}

// Names of what a folder holds, sorted. A folder that cannot be read is a problem.
std::vector<fs::path> list(const std::string& folder, std::vector<Problem>& problems) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator(); it.increment(error))
    paths.push_back(it->path());
  if (error)
    problems.push_back(problem_of(folder, "unreadable", fmt::format("cannot read the folder: {}", error.message())));
  std::sort(paths.begin(), paths.end());
  return paths;
}

template <class T>
void give_value(CatalogEntry<T>& entry, std::optional<T> value) {
  if (entry.problems.empty()) entry.value = std::move(value);
}

// What no build may do is said before one begins. Which files and bases there are by then, the build itself looks at.
void check_dockerfile(const std::string& file, const model::StackBuild& build, model::Volumes volumes,
                      std::vector<Problem>& problems) {
  const auto text = read_file(file, kMaxDockerfileBytes);
  if (!text) {
    problems.push_back(problem_of(file, "unreadable", text.error().message));
    return;
  }
  std::map<std::string, std::string> args = build.args;
  std::vector<std::string> bases;
  for (const auto& base : build.base) {
    args[base.arg] = base.image;
    bases.push_back(base.image);
    bases.push_back(base.stand_in);
  }
  auto reading = model::read_dockerfile(*text, args, bases, file, volumes);
  std::move(reading.problems.begin(), reading.problems.end(), std::back_inserter(problems));
}

// Nothing tells services that the project brings from somebody's own: each may be what its image is.
model::Volumes volumes_of(const model::Stack& stack) {
  return is_own(stack) ? model::Volumes::covered : model::Volumes::refused;
}
model::Volumes volumes_of(const model::Service&) { return model::Volumes::covered; }

// The files that are copied in. A stack has none.
void check_copied(CatalogEntry<model::Stack>&, const model::Stack&, std::string_view) {}
void check_copied(CatalogEntry<model::Service>& entry, const model::Service& service, std::string_view text) {
  for (std::size_t i = 0; i < service.files.size(); ++i) {
    const auto found = check_inner_file(service.folder, service.files[i].from);
    if (!found)
      entry.problems.push_back(
          problem_at(entry.file, text, fmt::format("/files/{}/from", i), "missing_file", found.error().message));
  }
}

// T is a stack or a service: both are built from their folder, or take an image as it is.
template <class T>
void check_folder(CatalogEntry<T>& entry, T& built, std::string_view text) {
  const fs::path dockerfile = fs::path(built.build.context) / built.build.dockerfile;
  if (!built.image.empty()) {
    // Nothing is built.
  } else if (const auto found = check_inner_file(built.folder, dockerfile.lexically_normal().string()); !found) {
    entry.problems.push_back(problem_at(entry.file, text, "/build/dockerfile", "missing_file", found.error().message));
  } else {
    check_dockerfile((fs::path(entry.file).parent_path() / dockerfile).lexically_normal().string(), built.build,
                     volumes_of(built), entry.problems);
  }
  check_copied(entry, built, text);
  auto hash = hash_folder(built.folder);
  if (hash) built.hash = std::move(*hash);
  else entry.problems.push_back(problem_of(entry.file, "bad_folder", hash.error().message));
}

// `file` inside `folder`, by one of our parsers.
template <class T, class Parse>
CatalogEntry<T> load_folder(const fs::path& folder, const std::string& file, Parse parse) {
  CatalogEntry<T> entry{folder.filename().string(), (folder / file).string(), std::nullopt, {}};
  const auto text = read_file(entry.file, kMaxFileBytes);
  if (!text) {
    entry.problems.push_back(problem_of(
        entry.file, text.error().fault == FileFault::missing ? "missing_file" : "unreadable", text.error().message));
    return entry;
  }
  auto parsed = parse(*text, entry.file);
  entry.problems = std::move(parsed.problems);
  if (!parsed.value) return entry;
  std::error_code error;
  parsed.value->folder = fs::absolute(folder, error).lexically_normal().string();
  check_folder(entry, *parsed.value, *text);
  give_value(entry, std::move(parsed.value));
  return entry;
}

// Whether something of this name is there, be it a link to nothing.
bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() != fs::file_type::not_found;
}

// What stands where a folder with `file` belongs, but is none that can be read: an empty folder, a link to nothing, .yml.
void check_place(const fs::path& path, const std::string& file, std::vector<Problem>& problems) {
  std::error_code error;
  const std::string wrong = fs::path(file).replace_extension(".yml").string();
  if (!fs::exists(path, error)) {
    problems.push_back(problem_of(path.string(), "dangling_link", "the link leads to nothing"));
  } else if (is_there(path / wrong)) {
    problems.push_back(problem_of((path / wrong).string(), "wrong_name", fmt::format("rename it to {}", file)));
  } else if (is_there(path / file)) {
    problems.push_back(problem_of((path / file).string(), "dangling_link", "the link leads to nothing"));
  } else if (fs::is_directory(path, error) && fs::is_empty(path, error)) {
    problems.push_back(problem_of(path.string(), "empty", fmt::format("the folder is empty: it has no {}", file)));
  }
}

// Names of those services of the catalog that belong to no stack.
std::vector<std::string_view> shared_services(const Catalog& catalog) {
  std::vector<std::string_view> all;
  for (const auto& service : catalog.services) {
    if (service.name.find('.') == std::string::npos) all.push_back(service.name);
  }
  return all;
}

// Those of the stack's own folder, under their whole names.
void load_inner_services(CatalogEntry<model::Stack>& entry, model::Stack& stack, std::string_view text,
                         Catalog& catalog) {
  const fs::path folder = fs::path(entry.file).parent_path() / kInnerServices;
  for (const std::string& name : adopt_inner_services(stack)) {
    auto service = load_folder<model::Service>(folder / name, "service.yaml", parse_service);
    service.name = inner_name(stack, name);
    if (service.value) service.value->name = service.name;
    else
      entry.problems.push_back(problem_at(entry.file, text, "/services", "bad_service",
                                          fmt::format("its service {} cannot be used: see {}", name, service.file)));
    catalog.services.push_back(std::move(service));
  }
}

// One that is not required may be missing. Where there are no services at all, nobody set services_dir: that is said when a run asks.
void check_services(CatalogEntry<model::Stack>& entry, const model::Stack& stack, std::string_view text,
                    const std::vector<std::string_view>& shared) {
  if (shared.empty()) return;
  for (const auto& [name, need] : stack.services) {
    const bool is_known =
        name.find('.') != std::string::npos || std::find(shared.begin(), shared.end(), name) != shared.end();
    if (is_known || !need.required) continue;
    std::string pointer = child("/services", name);
    if (is_own(stack)) pointer = "/services";
    const std::string place = is_own(stack) ? fmt::format(", and {}/{} has no service.yaml", kInnerServices, name) : "";
    entry.problems.push_back(
        problem_at(entry.file, text, std::move(pointer), "unknown_reference",
                   fmt::format("no service is called {}{}{}", name, did_you_mean(name, shared), place)));
  }
}

void finish_stack(CatalogEntry<model::Stack>& entry, Catalog& catalog) {
  if (!entry.value) return;
  const std::string text = read_file(entry.file, kMaxFileBytes).value_or("");
  load_inner_services(entry, *entry.value, text, catalog);
  check_services(entry, *entry.value, text, shared_services(catalog));
  if (!entry.problems.empty()) entry.value.reset();
}

// What is read from beside the stack's folder counts as a part of it.
CatalogEntry<model::Stack> load_stack(const fs::path& folder) {
  std::string shared_bytes;
  StackFiles files = stack_files(folder.string());
  files.shared = [&shared_bytes, read = files.shared](const std::string& path) {
    auto bytes = read(path);
    if (bytes) shared_bytes += path + '\0' + sha256_hex(*bytes) + '\n';
    return bytes;
  };
  auto entry = load_folder<model::Stack>(
      folder, "stack.yaml",
      [&files](std::string_view text, const std::string& file) { return parse_stack(text, file, files); });
  if (entry.value && !shared_bytes.empty())
    entry.value->hash = "sha256:" + sha256_hex(entry.value->hash + '\n' + shared_bytes);
  return entry;
}

void load_stacks(const std::string& folder, Catalog& catalog) {
  for (const fs::path& path : list(folder, catalog.problems)) {
    // profiles/ and schema/ stand beside the stacks; what has a Dockerfile wants to be one.
    std::error_code error;
    const bool has_file = fs::exists(path / "stack.yaml", error);
    if (!has_file) check_place(path, "stack.yaml", catalog.problems);
    if (!has_file && (!fs::exists(path / "Dockerfile", error) || is_there(path / "stack.yml"))) continue;
    auto entry = load_stack(path);
    const auto same = std::find_if(catalog.stacks.begin(), catalog.stacks.end(),
                                   [&](const auto& other) { return other.name == entry.name; });
    if (same != catalog.stacks.end()) {
      entry.problems.push_back(
          problem_of(entry.file, "repeated", fmt::format("a stack of this name is in {} already", same->file)));
      entry.value.reset();
    }
    finish_stack(entry, catalog);
    auto variants = entry.value ? stackfile::variants(*entry.value) : std::vector<model::Stack>{};
    const std::string file = entry.file;
    catalog.stacks.push_back(std::move(entry));
    for (auto& variant : variants) catalog.stacks.push_back({variant.name, file, std::move(variant), {}});
  }
}

// The newest of each name; sorted, as list() has them.
std::map<std::string, fs::path> newest_uploads(const std::string& folder, std::vector<Problem>& problems) {
  std::map<std::string, fs::path> newest;
  std::map<std::string, std::int64_t> times;
  for (const fs::path& path : list(folder, problems)) {
    const auto name = parse_upload_folder_name(path.filename().string());
    if (!name || (times.contains(name->stack) && times[name->stack] >= name->at_ms)) continue;
    newest[name->stack] = path;
    times[name->stack] = name->at_ms;
  }
  return newest;
}

void add_uploads(const std::string& folder, Catalog& catalog) {
  std::error_code error;
  if (folder.empty() || !fs::exists(folder, error)) return;
  for (const auto& [name, path] : newest_uploads(folder, catalog.problems)) {
    const bool is_there = std::any_of(catalog.stacks.begin(), catalog.stacks.end(),
                                      [&wanted = name](const auto& other) { return other.name == wanted; });
    if (is_there) continue;
    Catalog one = load_uploaded(path.string(), name);
    std::move(one.stacks.begin(), one.stacks.end(), std::back_inserter(catalog.stacks));
    std::move(one.services.begin(), one.services.end(), std::back_inserter(catalog.services));
  }
}

void load_services(const std::string& folder, Catalog& catalog) {
  if (folder.empty()) return;
  for (const fs::path& path : list(folder, catalog.problems)) {
    std::error_code error;
    if (!fs::exists(path / "service.yaml", error)) {
      check_place(path, "service.yaml", catalog.problems);
      continue;
    }
    catalog.services.push_back(load_folder<model::Service>(path, "service.yaml", parse_service));
  }
}

// All *.yaml of a folder; `parse` is one of our parsers.
template <class T, class Parse, class Check>
void load_files(const std::string& folder, std::vector<CatalogEntry<T>>& entries, std::vector<Problem>& problems,
                Parse parse, Check check) {
  for (const fs::path& path : list(folder, problems)) {
    if (path.extension() != ".yaml") {
      if (path.extension() == ".yml")
        problems.push_back(problem_of(path.string(), "wrong_name", "rename it to .yaml; .yml files are ignored"));
      continue;
    }
    CatalogEntry<T> entry{path.stem().string(), path.string(), std::nullopt, {}};
    if (const auto text = read_file(entry.file, kMaxFileBytes); text) {
      auto parsed = parse(*text, entry.file);
      entry.problems = std::move(parsed.problems);
      if (parsed.value) check(entry, *parsed.value, *text);
      give_value(entry, std::move(parsed.value));
    } else {
      entry.problems.push_back(problem_of(entry.file, "unreadable", text.error().message));
    }
    entries.push_back(std::move(entry));
  }
}

template <class T>
std::vector<std::string_view> names(const std::vector<CatalogEntry<T>>& entries) {
  std::vector<std::string_view> all;
  all.reserve(entries.size());
  for (const auto& entry : entries) all.push_back(entry.name);
  return all;
}

void check_references(const Catalog& catalog, CatalogEntry<model::Schedule>& entry, const model::Schedule& schedule,
                      std::string_view text) {
  const auto stacks = names(catalog.stacks);
  for (std::size_t i = 0; i < schedule.stacks.size(); ++i) {
    const std::string& glob = schedule.stacks[i];
    if (std::any_of(stacks.begin(), stacks.end(),
                    [&](std::string_view name) { return model::means_stack(glob, name); }))
      continue;
    entry.problems.push_back(problem_at(entry.file, text, fmt::format("/stacks/{}", i), "unknown_reference",
                                        fmt::format("no stack is called {}{}", glob, did_you_mean(glob, stacks))));
  }
  const auto profiles = names(catalog.profiles);
  if (std::find(profiles.begin(), profiles.end(), schedule.profile) != profiles.end()) return;
  entry.problems.push_back(
      problem_at(entry.file, text, "/profile", "unknown_reference",
                 fmt::format("no profile is called {}{}", schedule.profile, did_you_mean(schedule.profile, profiles))));
}

template <class T>
void sort_by_name(std::vector<CatalogEntry<T>>& entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
}

template <class T>
const T* find_value(const std::vector<CatalogEntry<T>>& entries, std::string_view name) {
  for (const auto& entry : entries) {
    if (entry.name == name && entry.value) return &*entry.value;
  }
  return nullptr;
}

}  // namespace

const model::Stack* Catalog::find_stack(std::string_view name) const { return find_value(stacks, name); }
const model::Profile* Catalog::find_profile(std::string_view name) const { return find_value(profiles, name); }
const model::Schedule* Catalog::find_schedule(std::string_view name) const { return find_value(schedules, name); }

std::vector<Problem> Catalog::all_problems() const {
  std::vector<Problem> all = problems;
  const auto add = [&all](const auto& entries) {
    for (const auto& entry : entries) all.insert(all.end(), entry.problems.begin(), entry.problems.end());
  };
  add(stacks);
  add(profiles);
  add(schedules);
  add(services);
  return all;
}

Catalog load_catalog(const CatalogFolders& folders) {
  Catalog catalog;
  load_services(folders.services, catalog);
  for (const std::string& folder : folders.stacks) load_stacks(folder, catalog);
  add_uploads(folders.uploads, catalog);
  sort_by_name(catalog.stacks);
  sort_by_name(catalog.services);
  load_files(folders.profiles, catalog.profiles, catalog.problems, parse_profile,
             [](auto&, const auto&, std::string_view) {});
  std::error_code error;
  if (folders.schedules.empty() || !fs::exists(folders.schedules, error)) return catalog;
  load_files(folders.schedules, catalog.schedules, catalog.problems, parse_schedule,
             [&catalog](auto& entry, const auto& schedule, std::string_view text) {
               check_references(catalog, entry, schedule, text);
             });
  return catalog;
}

Catalog load_uploaded(const std::string& folder, const std::string& name) {
  Catalog catalog;
  const std::string file = stack_file_in(folder);
  // The folder's name is ours, so the file's own need not equal it.
  auto entry = load_folder<model::Stack>(folder, file, [&](std::string_view text, const std::string&) {
    auto parsed = parse_stack(text, file, stack_files(folder));
    if (parsed.value) name_uploaded(*parsed.value, name);
    return parsed;
  });
  if (entry.value) entry.name = entry.value->name;
  else if (!name.empty()) entry.name = name;
  finish_stack(entry, catalog);
  catalog.stacks.push_back(std::move(entry));
  // Whoever sent the folder knows no path of ours.
  const auto shorten = [&](std::vector<Problem>& problems) {
    for (Problem& problem : problems) {
      for (std::string* const words : {&problem.file, &problem.message}) {
        for (std::size_t at = 0; (at = words->find(folder + "/", at)) != std::string::npos;)
          words->erase(at, folder.size() + 1);
      }
    }
  };
  for (auto& stack : catalog.stacks) shorten(stack.problems);
  for (auto& service : catalog.services) shorten(service.problems);
  return catalog;
}

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
