// Files of the operating system: an owned descriptor, and the whole bytes of one file with a named reason when there are none.
// Thread-safe; a Descriptor belongs to one thread and moves.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <string>
#include <utility>

#include "base/result.h"

namespace dyno {

// Owns one file descriptor and closes it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void close() {
    const int fd = std::exchange(fd_, -1);
    if (fd >= 0) ::close(fd);
  }

 private:
  int fd_ = -1;
};

enum class FileFault {
  missing,     // no such file, or it went away while it was read (a process that ended, a cgroup that was removed)
  wrong_kind,  // a folder, a socket, a pipe
  unreadable,  // the operating system refused
  too_large,
};

struct FileError {
  FileFault fault = FileFault::unreadable;
  std::string message;  // names the path

  // not_found, invalid_argument, io or exhausted, with the same words.
  Error error() const;
};

// What may be read. A pipe is waited for: only where a person names it, as in `dynod --check <(cat a b)`.
enum class FileKind { regular, regular_or_pipe };

// All bytes of a file, also of those of /proc and /sys, which do not know their size.
tl::expected<std::string, FileError> read_file(const std::string& path, std::size_t limit,
                                               FileKind kind = FileKind::regular);

}  // namespace dyno
