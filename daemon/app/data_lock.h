// Makes sure that one daemon alone works on a data directory: an exclusive flock on a file in it, held until the end of the object.
#pragma once

#include <string>

#include "base/result.h"

namespace dyno::app {

class DataLock {
 public:
  // Creates the directory (0700) when it is missing. conflict: another process holds it; the message names that process.
  static Result<DataLock> take(const std::string& data_dir);
  DataLock(DataLock&& other) noexcept;
  DataLock(const DataLock&) = delete;
  DataLock& operator=(const DataLock&) = delete;
  DataLock& operator=(DataLock&&) = delete;
  ~DataLock();

 private:
  explicit DataLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace dyno::app
