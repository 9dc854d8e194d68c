#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace dyno {
namespace {

constexpr std::size_t kLeastPart = 4096;

tl::unexpected<FileError> fault_of_errno(const std::string& path, int errno_value) {
  // ENODEV: the cgroup was removed; ESRCH: the process ended.
  const bool gone = errno_value == ENOENT || errno_value == ENOTDIR || errno_value == ENODEV || errno_value == ESRCH;
  return tl::unexpected<FileError>(
      {gone ? FileFault::missing : FileFault::unreadable,
       fmt::format("cannot read {}: {}", path,
                   errno_value == ENOENT ? "no such file" : std::generic_category().message(errno_value))});
}

tl::unexpected<FileError> too_large(const std::string& path, std::size_t limit) {
  return tl::unexpected<FileError>({FileFault::too_large, fmt::format("{} has more than {} bytes", path, limit)});
}

}  // namespace

Error FileError::error() const {
  switch (fault) {
    case FileFault::missing: return {ErrorCode::not_found, message};
    case FileFault::wrong_kind: return {ErrorCode::invalid_argument, message};
    case FileFault::unreadable: return {ErrorCode::io, message};
    case FileFault::too_large: return {ErrorCode::exhausted, message};
  }
  return {ErrorCode::internal, message};
}

tl::expected<std::string, FileError> read_file(const std::string& path, std::size_t limit, FileKind kind) {
  const bool waits = kind == FileKind::regular_or_pipe;
  // Without O_NONBLOCK, opening a pipe would wait for its writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | (waits ? 0 : O_NONBLOCK)));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) return fault_of_errno(path, errno);
  if (!S_ISREG(status.st_mode) && !(waits && S_ISFIFO(status.st_mode)))
    return tl::unexpected<FileError>({FileFault::wrong_kind, fmt::format("{} is not a file", path)});
  const auto told = static_cast<std::size_t>(status.st_size);
  if (told > limit) return too_large(path, limit);
  std::string text;
  std::size_t size = 0;
  while (true) {
    // One byte more than is told, so that a file of that size is read and found to end in two calls.
    if (size == text.size()) text.resize(std::max(size == 0 ? told + 1 : size * 2, kLeastPart));
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fault_of_errno(path, errno);
    size += static_cast<std::size_t>(got);
    if (size > limit) return too_large(path, limit);
    if (got == 0) break;
  }
  text.resize(size);
  return text;
}

}  // namespace dyno
