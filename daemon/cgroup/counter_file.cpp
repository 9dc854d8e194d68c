#include "cgroup/counter_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace dyno::cgroup {
namespace {

constexpr std::size_t kLongestText = 4u << 20u;  // mountinfo of a host with thousands of mounts

Error read_error(const std::string& path, int errno_value) {
  // ENODEV: the cgroup was removed; ESRCH: the process ended.
  if (errno_value == ENODEV || errno_value == ESRCH || errno_value == ENOENT)
    return {ErrorCode::not_found, fmt::format("{} is gone", path)};
  return error_from_errno(fmt::format("reading {}", path), errno_value);
}

}  // namespace

Result<CounterFile> CounterFile::open(const std::string& path, bool writable) {
  const int descriptor = ::open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  if (descriptor < 0) return fail(error_from_errno(fmt::format("opening {}", path), errno));
  return CounterFile(descriptor, path);
}

CounterFile::CounterFile(CounterFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

CounterFile& CounterFile::operator=(CounterFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

CounterFile::~CounterFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::string_view> CounterFile::read(CounterBuffer& buffer) const {
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = ::pread(descriptor_, buffer.data() + size, buffer.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(read_error(path_, errno));
    size += static_cast<std::size_t>(got);
    // These files are made whole by one read: a text that ends with its line is complete, and asking again would cost as much.
    if (got == 0 || buffer.at(size - 1) == '\n') return std::string_view(buffer.data(), size);
  }
  return fail(ErrorCode::exhausted, fmt::format("{} is longer than {} bytes", path_, buffer.size()));
}

Result<std::string_view> CounterFile::read_begin(CounterBuffer& buffer) const {
  const ssize_t got = ::pread(descriptor_, buffer.data(), buffer.size(), 0);
  if (got < 0) return fail(read_error(path_, errno));
  return std::string_view(buffer.data(), static_cast<std::size_t>(got));
}

Status CounterFile::write(std::string_view text) const {
  const ssize_t written = ::pwrite(descriptor_, text.data(), text.size(), 0);
  if (written < 0) return fail(read_error(path_, errno));
  return {};
}

Result<std::string> read_once(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail(error_from_errno(fmt::format("opening {}", path), errno));
  std::string text;
  std::array<char, 16384> part{};
  ssize_t got = 0;
  while ((got = ::read(descriptor, part.data(), part.size())) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 || text.size() > kLongestText) break;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  const int errno_value = errno;
  ::close(descriptor);
  if (got < 0) return fail(read_error(path, errno_value));
  return text;
}

}  // namespace dyno::cgroup
