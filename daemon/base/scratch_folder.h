// A folder that is gone, with all that is in it, with its object. One thread at a time.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/result.h"

namespace dyno {

class ScratchFolder {
 public:
  // Owns a folder, which need not be there: it may have been moved away.
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  // A new one, for this user alone, in the system's folder for temporary files. io.
  static Result<ScratchFolder> create(std::string_view prefix) {
    std::error_code error;
    std::string pattern = (std::filesystem::temp_directory_path(error) / prefix).string() + "XXXXXX";
    if (error || ::mkdtemp(pattern.data()) == nullptr) return fail(ErrorCode::io, "cannot make a temporary folder");
    return ScratchFolder(std::move(pattern));
  }
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace dyno
