// Stacks that came over REST as folders: each unpacked, looked at as strictly as the daemon's own folders, and kept under the hash of what is
// in it, until it is old and no run needs it. Thread-safe: one mutex over the folder of them all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/problem.h"

namespace dyno::app {

class UploadedStacks {
 public:
  static constexpr std::uint64_t kMostArchiveBytes =
      (std::uint64_t{512} << 20U) + (std::uint64_t{128} << 20U);  // with its headers

  // Removes what the last life left half done.
  UploadedStacks(std::filesystem::path folder, Clock& clock);

  struct Kept {
    std::string name;                      // of the stack
    std::string hash;                      // "sha256:…" of what is in the folder
    bool was_there = false;                // the same folder under the same name
    std::vector<model::Problem> problems;  // with any of them nothing was kept
  };
  // `name` empty: as the file says. On disk when it returns. invalid_argument: the archive, in words; conflict: `is_taken` says that the name
  // belongs to another stack; storage: the disk.
  Result<Kept> keep(const std::filesystem::path& tar, const std::string& name,
                    const std::function<bool(const std::string& name)>& is_taken);

  // Removes those that came longer ago than `age`, but for the newest of each name; their number. No run may need one meanwhile.
  int forget(Nanos age);

 private:
  Status move_in(const std::filesystem::path& from, Kept& kept);

  // Set once in the constructor.
  const std::filesystem::path folder_;
  Clock& clock_;

  std::mutex mutex_;  // guards what is in the folder, and no member
};

}  // namespace dyno::app
