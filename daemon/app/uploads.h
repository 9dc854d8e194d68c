// Files that come over REST in pieces, because one request has at most 1 MiB: each in the data folder until it is used or forgotten. Thread-safe:
// one mutex over the files, which are written by few and seldom.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace dyno::app {

class Uploads {
 public:
  static constexpr std::size_t kMostAtOnce = 4;
  static constexpr Nanos kForgotten = std::chrono::minutes(30);  // without a piece

  struct Kind {
    std::string_view word;  // for messages: "import"
    std::uint64_t most_bytes = 0;
  };
  // Removes what the last life left in the folder.
  Uploads(std::filesystem::path folder, Kind kind, Clock& clock);
  ~Uploads();
  Uploads(const Uploads&) = delete;
  Uploads& operator=(const Uploads&) = delete;

  // `exhausted`: so many come already.
  Result<std::string> begin();
  // How many bytes came. not_found.
  Result<std::uint64_t> size(const std::string& id);
  // How many bytes there are then. conflict: `offset` is not where the next piece belongs; not_found; exhausted: it is too large;
  // storage: the disk is full.
  Result<std::uint64_t> append(const std::string& id, std::uint64_t offset, std::string_view bytes);
  // Hands the file over; it goes with the upload when `use` returns.
  Status finish(const std::string& id, const std::function<Status(const std::filesystem::path&)>& use);
  Status drop(const std::string& id);

 private:
  struct Upload {
    std::uint64_t bytes = 0;
    MonotonicTime last{};
  };
  std::filesystem::path file_of(const std::string& id) const { return folder_ / id; }
  Error unknown(const std::string& id) const;
  void forget_old();
  void remove_all() const;

  // Set once in the constructor.
  const std::filesystem::path folder_;
  const Kind kind_;
  Clock& clock_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::map<std::string, Upload> uploads_;
};

}  // namespace dyno::app
