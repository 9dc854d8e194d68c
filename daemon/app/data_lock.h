// Makes sure that one daemon alone works on a data directory: an exclusive flock on a file in it, held until the end of the object.
#pragma once

#include <string>
#include <utility>

#include "base/file.h"
#include "base/result.h"

namespace dyno::app {

class DataLock {
 public:
  // Creates the directory (0700) when it is missing. conflict: another process holds it; the message names that process.
  static Result<DataLock> take(const std::string& data_dir);

 private:
  explicit DataLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace dyno::app
