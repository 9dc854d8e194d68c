// An open file of the kernel that is read again and again from its beginning, without opening it anew. Reads may overlap: they
// share nothing but the descriptor.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/result.h"

namespace dyno::cgroup {

// Large enough for any file that is read by a CounterFile; smaps_rollup and memory.stat stay below 4 KiB.
using CounterBuffer = std::array<char, 16384>;

// Enough for the lists that are read once: mountinfo of a host with thousands of mounts.
constexpr std::size_t kLongestText = std::size_t{4} << 20U;

class CounterFile {
 public:
  static Result<CounterFile> open(const std::string& path, bool writable = false);

  // The whole text, in `buffer`; for files that the kernel makes in one piece, not for lists such as cgroup.procs.
  // not_found once what the file told of is gone.
  Result<std::string_view> read(CounterBuffer& buffer) const;
  // As much of the beginning as fits.
  Result<std::string_view> read_begin(CounterBuffer& buffer) const;
  Status write(std::string_view text) const;

 private:
  CounterFile(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Descriptor file_;
  std::string path_;
};

}  // namespace dyno::cgroup
