#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "cli/commands.h"
#include "cli/stack_template.h"

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

// The one command that needs no daemon: a new stack is only files.
Outcome<Exit> write_new_stack(Session& session, const NewStackOptions& options) {
  const auto files = files_of_new_stack(options.name, options.runtime);
  if (!files) {
    const bool unknown = files.error().code == ErrorCode::not_found;
    return fail_with(unknown ? Exit::not_found : Exit::usage, files.error().message);
  }
  const fs::path folder = fs::path(options.folder) / options.name;
  std::error_code error;
  if (!fs::is_directory(options.folder, error))
    return fail_with(Exit::not_found,
                     fmt::format("{} is not a folder; name the folder of the stacks with --in", options.folder));
  if (fs::exists(fs::symlink_status(folder, error)))
    return fail_with(Exit::failure, fmt::format("{} already exists; nothing was written", folder.string()));
  for (const NewFile& file : *files) {
    if (auto written = write_file(folder / file.path, file.text); !written) return written;
    print_text((folder / file.path).string() + "\n");
  }
  print_note(session,
             fmt::format("\nNext: dyno stack rescan; dyno run {} --profile smoke. Then add workloads as described in "
                         "stacks/CONTRACT.md.\n",
                         options.name));
  return Exit::ok;
}

}  // namespace dyno::cli
