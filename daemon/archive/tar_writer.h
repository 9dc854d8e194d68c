// A tar archive, written piece by piece; by libarchive. The same entries give the same bytes: times 0, owner 0, modes 0755 or 0644.
// One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct archive;
struct archive_entry;

namespace dyno::archive {

struct Entry {
  std::string name;                                                    // relative, '/' between
  std::filesystem::file_type type = std::filesystem::file_type::none;  // regular, directory or symlink
  bool executable = false;
  std::uintmax_t size = 0;  // of a file
};

// Where the bytes of an archive go.
using Sink = std::function<Status(std::string_view bytes)>;

class TarWriter {
 public:
  explicit TarWriter(Sink sink);
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  // A file's content follows: exactly entry.size bytes. `link`: where a link points to.
  Status begin(const Entry& entry, const std::string& link = {});
  Status add(const Entry& entry, std::string_view content);
  Status finish();

 private:
  static long pass_on(::archive*, void* user, const void* data, std::size_t size);
  Status failed(const std::string& name);

  Sink sink_;
  Status passed_;
  std::unique_ptr<::archive, int (*)(::archive*)> archive_;
  std::unique_ptr<::archive_entry, void (*)(::archive_entry*)> entry_;
};

}  // namespace dyno::archive
