#include "app/uploaded_stacks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <system_error>
#include <utility>

#include "archive/folder.h"
#include "base/file.h"
#include "base/id.h"
#include "base/scratch_folder.h"
#include "stackfile/catalog.h"
#include "stackfile/stack_folder.h"

namespace dyno::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHalfDone = ".new-";
constexpr std::size_t kHashDigits = 12;

std::int64_t ms_since_1970(WallTime at) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

Status flush(const fs::path& folder) {
  const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open.is_open() || ::syncfs(open.get()) != 0)
    return fail(ErrorCode::storage, "the folder cannot be stored: the disk is full, or fails");
  return {};
}

std::vector<stackfile::UploadName> names_in(const fs::path& folder) {
  std::vector<stackfile::UploadName> names;
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator(); it.increment(error)) {
    if (auto name = stackfile::parse_upload_folder_name(it->path().filename().string()))
      names.push_back(std::move(*name));
  }
  return names;
}

}  // namespace

UploadedStacks::UploadedStacks(fs::path folder, Clock& clock) : folder_(std::move(folder)), clock_(clock) {
  std::error_code error;
  std::vector<fs::path> half_done;
  for (auto it = fs::directory_iterator(folder_, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    if (it->path().filename().string().starts_with(kHalfDone)) half_done.push_back(it->path());
  }
  for (const fs::path& path : half_done) fs::remove_all(path, error);
}

Result<UploadedStacks::Kept> UploadedStacks::keep(const fs::path& tar, const std::string& name,
                                                  const std::function<bool(const std::string& name)>& is_taken) {
  const ScratchFolder scratch(folder_ / (std::string(kHalfDone) + new_id(clock_.wall_now())));
  std::error_code error;
  fs::create_directories(scratch.path(), error);
  if (error) return fail(ErrorCode::storage, "the folder for uploads cannot be made: " + error.message());
  if (Status unpacked = archive::unpack_folder(tar.string(), scratch.path()); !unpacked) return fail(unpacked.error());
  const stackfile::Catalog catalog = stackfile::load_uploaded(scratch.path().string(), name);
  const auto& stack = catalog.stacks.front();
  Kept kept{.name = stack.name, .hash = {}, .problems = catalog.all_problems()};
  if (!stack.value) return kept;
  if (is_taken(kept.name))
    return fail(ErrorCode::conflict,
                fmt::format("{} is a stack of the daemon's own folders: give this one another name", kept.name));
  kept.problems.clear();
  kept.hash = stack.value->hash;
  if (Status moved = move_in(scratch.path(), kept); !moved) return fail(moved.error());
  return kept;
}

Status UploadedStacks::move_in(const fs::path& from, Kept& kept) {
  const std::string digits = kept.hash.substr(kept.hash.find(':') + 1, kHashDigits);
  const std::int64_t now_ms = ms_since_1970(clock_.wall_now());
  const fs::path to = folder_ / stackfile::upload_folder_name({kept.name, now_ms, digits});
  const std::lock_guard lock(mutex_);
  fs::path newest;
  std::int64_t newest_ms = -1;
  for (const auto& other : names_in(folder_)) {
    if (other.stack != kept.name || other.at_ms <= newest_ms) continue;
    newest_ms = other.at_ms;
    newest = other.hash == digits ? folder_ / stackfile::upload_folder_name(other) : fs::path();
  }
  // What is there stays where it is: runs of it may be under way.
  kept.was_there = !newest.empty();
  if (kept.was_there) return {};
  if (Status flushed = flush(from); !flushed) return flushed;
  std::error_code error;
  fs::rename(from, to, error);
  if (error) return fail(ErrorCode::storage, "the folder cannot be stored: " + error.message());
  return flush(folder_);
}

int UploadedStacks::forget(Nanos age) {
  const std::lock_guard lock(mutex_);
  const std::vector<stackfile::UploadName> all = names_in(folder_);
  std::map<std::string, std::int64_t> newest;
  for (const auto& one : all) newest[one.stack] = std::max(newest[one.stack], one.at_ms);
  const std::int64_t oldest = ms_since_1970(clock_.wall_now() - age);
  int removed = 0;
  for (const auto& one : all) {
    const fs::path path = folder_ / stackfile::upload_folder_name(one);
    if (one.at_ms >= oldest || one.at_ms == newest[one.stack]) continue;
    std::error_code error;
    fs::remove_all(path, error);
    if (!error) ++removed;
  }
  return removed;
}

}  // namespace dyno::app
