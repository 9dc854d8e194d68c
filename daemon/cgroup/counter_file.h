// An open file of the kernel that is read again and again from its beginning, without opening it anew. Reads may overlap: they
// share nothing but the descriptor.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dyno::cgroup {

// Large enough for any file that is read by a CounterFile; smaps_rollup and memory.stat stay below 4 KiB.
using CounterBuffer = std::array<char, 16384>;

class CounterFile {
 public:
  static Result<CounterFile> open(const std::string& path, bool writable = false);
  CounterFile(CounterFile&& other) noexcept;
  CounterFile& operator=(CounterFile&& other) noexcept;
  CounterFile(const CounterFile&) = delete;
  CounterFile& operator=(const CounterFile&) = delete;
  ~CounterFile();

  // The whole text, in `buffer`; for files that the kernel makes in one piece, not for lists such as cgroup.procs.
  // not_found once what the file told of is gone.
  Result<std::string_view> read(CounterBuffer& buffer) const;
  // As much of the beginning as fits.
  Result<std::string_view> read_begin(CounterBuffer& buffer) const;
  Status write(std::string_view text) const;

 private:
  CounterFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_ = -1;
  std::string path_;
};

// The text of a small file that is read once.
Result<std::string> read_once(const std::string& path);

}  // namespace dyno::cgroup
