#include "cli/new_files.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

namespace dyno::cli {
namespace {

namespace fs = std::filesystem;

Outcome<Exit> write_file(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return Exit::ok;
  return fail_with(Exit::failure, fmt::format("cannot write {}", path.string()));
}

}  // namespace

Outcome<Exit> write_new_files(const fs::path& folder, const std::vector<NewFile>& files, bool replace) {
  std::error_code error;
  for (const NewFile& file : files) {
    const fs::path path = folder / file.path;
    if (!replace && fs::exists(fs::symlink_status(path, error)))
      return fail_with(Exit::failure,
                       fmt::format("{} already exists; nothing was written", path.lexically_normal().string()));
  }
  for (const NewFile& file : files) {
    const fs::path path = (folder / file.path).lexically_normal();
    if (auto written = write_file(path, file.text); !written) return written;
    print_text(path.string() + "\n");
  }
  return Exit::ok;
}

}  // namespace dyno::cli
