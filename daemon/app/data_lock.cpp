#include "app/data_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/text.h"

namespace dyno::app {

Result<DataLock> DataLock::take(const std::string& data_dir) {
  std::error_code error;
  std::filesystem::create_directories(data_dir, error);
  if (error) return fail(ErrorCode::io, fmt::format("creating {}: {}", data_dir, error.message()));
  std::filesystem::permissions(data_dir, std::filesystem::perms::owner_all, error);
  const std::string path = data_dir + "/lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return fail(error_from_errno("opening " + path, errno));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 64> holder{};
    const ssize_t n = pread(fd, holder.data(), holder.size() - 1, 0);
    close(fd);
    const std::string pid(trim(std::string_view(holder.data(), n > 0 ? static_cast<std::size_t>(n) : 0)));
    return fail(ErrorCode::conflict,
                fmt::format("another dynod (process {}) works on {}", pid.empty() ? "unknown" : pid, data_dir));
  }
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    close(fd);
    return fail(error_from_errno("writing " + path, errno));
  }
  return DataLock(fd);
}

DataLock::DataLock(DataLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

DataLock::~DataLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace dyno::app
