#include "base/scratch_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

namespace dyno {
namespace {

std::string scratch_folder() {
  const char* const asked = std::getenv("TMPDIR");
  return asked != nullptr && *asked != '\0' ? asked : "/var/tmp";
}

// A file that has no name from the beginning, or one whose name is taken away at once where the file system knows no such files.
int open_unnamed(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return fd;
  std::string pattern = folder + "/dyno-XXXXXX";
  const int named = ::mkostemp(pattern.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(pattern.c_str());
  return named;
}

}  // namespace

Result<ScratchFile> ScratchFile::create() {
  const std::string folder = scratch_folder();
  Descriptor file(open_unnamed(folder));
  if (!file.is_open()) return fail(error_from_errno(fmt::format("making a temporary file in {}", folder), errno));
  return ScratchFile(std::move(file));
}

Status ScratchFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(error_from_errno("writing a temporary file", errno));
    size_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::size_t> ScratchFile::read_at(std::uint64_t offset, std::span<char> into) const {
  for (;;) {
    const ssize_t got = ::pread(file_.get(), into.data(), into.size(), static_cast<off_t>(offset));
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return fail(error_from_errno("reading a temporary file", errno));
  }
}

}  // namespace dyno
