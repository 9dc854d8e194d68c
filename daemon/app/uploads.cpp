#include "app/uploads.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/file.h"
#include "base/id.h"
#include "base/quantity.h"

namespace dyno::app {
namespace {

Status append_to(const std::filesystem::path& file, std::string_view bytes) {
  const Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!out.is_open()) return fail(ErrorCode::storage, "the upload cannot be stored");
  while (!bytes.empty()) {
    const ssize_t written = ::write(out.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(ErrorCode::storage, "the upload cannot be stored: the disk is full, or fails");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Uploads::Uploads(std::filesystem::path folder, Kind kind, Clock& clock)
    : folder_(std::move(folder)), kind_(kind), clock_(clock) {
  remove_all();
}

Uploads::~Uploads() { remove_all(); }

Error Uploads::unknown(const std::string& id) const {
  return {ErrorCode::not_found, fmt::format("there is no {} {}", kind_.word, id)};
}

void Uploads::remove_all() const {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Uploads::forget_old() {
  std::erase_if(uploads_, [&](const auto& one) {
    if (clock_.now() - one.second.last < kForgotten) return false;
    std::error_code ignored;
    std::filesystem::remove(file_of(one.first), ignored);
    return true;
  });
}

Result<std::string> Uploads::begin() {
  const std::lock_guard lock(mutex_);
  forget_old();
  if (uploads_.size() >= kMostAtOnce)
    return fail(ErrorCode::exhausted, fmt::format("{} {}s are under way already", kMostAtOnce, kind_.word));
  std::error_code fault;
  std::filesystem::create_directories(folder_, fault);
  if (fault) return fail(ErrorCode::storage, "the folder for uploads cannot be made: " + fault.message());
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, fault);
  std::string id = new_id(clock_.wall_now());
  if (Status made = append_to(file_of(id), {}); !made) return fail(made.error());
  uploads_[id] = {0, clock_.now()};
  return id;
}

Result<std::uint64_t> Uploads::size(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto upload = uploads_.find(id);
  if (upload == uploads_.end()) return fail(unknown(id));
  return upload->second.bytes;
}

Result<std::uint64_t> Uploads::append(const std::string& id, std::uint64_t offset, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  const auto upload = uploads_.find(id);
  if (upload == uploads_.end()) return fail(unknown(id));
  upload->second.last = clock_.now();
  if (offset != upload->second.bytes)
    return fail(ErrorCode::conflict, fmt::format("the next piece begins at byte {}", upload->second.bytes));
  if (offset + bytes.size() > kind_.most_bytes)
    return fail(ErrorCode::invalid_argument,
                fmt::format("the {} is larger than {}", kind_.word,
                            format_bytes(Bytes{static_cast<std::int64_t>(kind_.most_bytes)})));
  if (Status appended = append_to(file_of(id), bytes); !appended) {
    std::error_code ignored;
    std::filesystem::resize_file(file_of(id), upload->second.bytes, ignored);
    return fail(appended.error());
  }
  upload->second.bytes += bytes.size();
  return upload->second.bytes;
}

Status Uploads::finish(const std::string& id, const std::function<Status(const std::filesystem::path&)>& use) {
  {
    const std::lock_guard lock(mutex_);
    if (uploads_.erase(id) == 0) return fail(unknown(id));
  }
  Status used = use(file_of(id));
  std::error_code ignored;
  std::filesystem::remove(file_of(id), ignored);
  return used;
}

Status Uploads::drop(const std::string& id) {
  return finish(id, [](const std::filesystem::path&) { return Status(); });
}

}  // namespace dyno::app
