#include "cgroup/counter_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace dyno::cgroup {
namespace {

Error read_error(const std::string& path, int errno_value) {
  // ENODEV: the cgroup was removed; ESRCH: the process ended.
  if (errno_value == ENODEV || errno_value == ESRCH || errno_value == ENOENT)
    return {ErrorCode::not_found, fmt::format("{} is gone", path)};
  return error_from_errno(fmt::format("reading {}", path), errno_value);
}

}  // namespace

Result<CounterFile> CounterFile::open(const std::string& path, bool writable) {
  Descriptor file(::open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC));
  if (!file.is_open()) return fail(error_from_errno(fmt::format("opening {}", path), errno));
  return CounterFile(std::move(file), path);
}

Result<std::string_view> CounterFile::read(CounterBuffer& buffer) const {
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = ::pread(file_.get(), buffer.data() + size, buffer.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(read_error(path_, errno));
    size += static_cast<std::size_t>(got);
    // These files are made whole by one read: a text that ends with its line is complete, and asking again would cost as much.
    if (got == 0 || buffer.at(size - 1) == '\n') return std::string_view(buffer.data(), size);
  }
  return fail(ErrorCode::exhausted, fmt::format("{} is longer than {} bytes", path_, buffer.size()));
}

Result<std::string_view> CounterFile::read_begin(CounterBuffer& buffer) const {
  const ssize_t got = ::pread(file_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) return fail(read_error(path_, errno));
  return std::string_view(buffer.data(), static_cast<std::size_t>(got));
}

Status CounterFile::write(std::string_view text) const {
  const ssize_t written = ::pwrite(file_.get(), text.data(), text.size(), 0);
  if (written < 0) return fail(read_error(path_, errno));
  return {};
}

}  // namespace dyno::cgroup
