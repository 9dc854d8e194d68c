// An unnamed temporary file on disk: bytes that are too many for memory. It is gone with its owner, and with the process.
// One thread at a time; reading is thread-safe once nothing is appended any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/result.h"

namespace dyno {

class ScratchFile {
 public:
  // In $TMPDIR, otherwise in /var/tmp: /tmp is memory on many machines.
  static Result<ScratchFile> create();

  Status append(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  // How many bytes it filled in; 0 at the end.
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const;

 private:
  explicit ScratchFile(Descriptor file) : file_(std::move(file)) {}

  Descriptor file_;
  std::uint64_t size_ = 0;
};

}  // namespace dyno
