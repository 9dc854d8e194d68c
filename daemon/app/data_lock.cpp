#include "app/data_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <csignal>

#include <array>
#include <cerrno>
#include <filesystem>

#include "base/text.h"

namespace dyno::app {

Result<DataLock> DataLock::take(const std::string& data_dir) {
  std::error_code error;
  std::filesystem::create_directories(data_dir, error);
  if (error) return fail(ErrorCode::io, fmt::format("creating {}: {}", data_dir, error.message()));
  std::filesystem::permissions(data_dir, std::filesystem::perms::owner_all, error);
  const std::string path = data_dir + "/lock";
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  // The lock of a folder that is read-only holds as well, and another daemon does not learn whose it is.
  const bool is_read_only = !file.is_open() && (errno == EROFS || errno == EACCES);
  if (is_read_only) file = Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return fail(error_from_errno("opening " + path, errno));
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 64> holder{};
    const ssize_t n = pread(file.get(), holder.data(), holder.size() - 1, 0);
    std::string pid(trim(std::string_view(holder.data(), n > 0 ? static_cast<std::size_t>(n) : 0)));
    const auto number = parse_int(pid);
    const bool is_there = number && *number > 0 && (kill(static_cast<pid_t>(*number), 0) == 0 || errno == EPERM);
    if (!is_there) pid.clear();  // of one that could not write its own
    return fail(ErrorCode::conflict,
                fmt::format("another dynod (process {}) is using {}", pid.empty() ? "unknown" : pid, data_dir));
  }
  if (is_read_only) return DataLock(std::move(file));
  // So it does on a full disk.
  const std::string pid = fmt::format("{}\n", getpid());
  const bool is_written = ftruncate(file.get(), 0) == 0 && pwrite(file.get(), pid.data(), pid.size(), 0) >= 0;
  if (!is_written && errno != ENOSPC && errno != EDQUOT) return fail(error_from_errno("writing " + path, errno));
  return DataLock(std::move(file));
}

}  // namespace dyno::app
