#include "runners/load/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include <fmt/format.h>

#include "base/file.h"
#include "runners/load/remarks.h"

namespace dyno::loadgen {
namespace {

tl::unexpected<Error> failed(const std::string& path) {
  return fail(ErrorCode::io, fmt::format("cannot write {}: {}", path, errno_words(errno)));
}

Status write_all(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// The file that a link leads to: replacing it must not replace the link.
std::string behind_links(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  return real ? std::string(real.get()) : path;
}

bool is_written_as_it_is(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode);
}

// A new file beside the one to replace, gone with its object unless it took its place.
class Beside {
 public:
  explicit Beside(const std::string& path) : path_(behind_links(path)), name_(path_ + ".XXXXXX") {
    file_ = Descriptor(::mkostemp(name_.data(), O_CLOEXEC));
  }
  ~Beside() {
    if (file_.is_open()) ::unlink(name_.c_str());
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  bool is_open() const { return file_.is_open(); }
  Status replace_with(std::string_view text, const std::string& shown) {
    Status written = write_all(file_.get(), text, shown);
    if (!written) return written;
    if (::fchmod(file_.get(), mode()) != 0 || ::fsync(file_.get()) != 0) return failed(shown);
    if (::rename(name_.c_str(), path_.c_str()) != 0) return failed(shown);
    file_.close();
    return {};
  }

 private:
  // As the file had it, or as a new one would.
  mode_t mode() const {
    struct stat found {};
    if (::stat(path_.c_str(), &found) == 0) return found.st_mode & 07777U;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return 0666U & ~mask;
  }

  const std::string path_;
  std::string name_;
  Descriptor file_;
};

}  // namespace

Status check_writable(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) {
    errno = EISDIR;
    return failed(path);
  }
  if (is_written_as_it_is(path)) return {};
  const Beside beside(path);
  if (!beside.is_open()) return failed(path);
  return {};
}

Status write_output(const std::string& path, std::string_view text) {
  if (path.empty()) return write_all(STDOUT_FILENO, text, "standard output");
  if (is_written_as_it_is(path)) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.is_open()) return failed(path);
    return write_all(file.get(), text, path);
  }
  Beside beside(path);
  if (!beside.is_open()) return failed(path);
  return beside.replace_with(text, path);
}

}  // namespace dyno::loadgen
