#include "cli/new_stack.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <system_error>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "cli/commands.h"

namespace dyno::cli {
namespace {

constexpr std::string_view kName = "@NAME@";

// The same rule as in the daemon's stack files.
bool is_stack_name(std::string_view text) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return text.size() >= 2 && text.size() <= 40 && is_lower(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '-'; });
}

std::string named(std::string_view text, std::string_view name) {
  std::string out(text);
  for (auto at = out.find(kName); at != std::string::npos; at = out.find(kName, at + name.size()))
    out.replace(at, kName.size(), name);
  return out;
}

namespace fs = std::filesystem;

}  // namespace

std::vector<std::string_view> template_runtimes() {
  std::vector<std::string_view> runtimes;
  for (const TemplateFile& file : template_files()) runtimes.push_back(file.runtime);
  std::sort(runtimes.begin(), runtimes.end());
  runtimes.erase(std::unique(runtimes.begin(), runtimes.end()), runtimes.end());
  return runtimes;
}

Result<std::vector<NewFile>> files_of_new_stack(std::string_view name, std::string_view runtime) {
  if (!is_stack_name(name)) {
    return fail(ErrorCode::invalid_argument, fmt::format("\"{}\" is not a valid stack name: use 2 to 40 lower-case "
                                                         "letters, digits and '-', beginning with a letter, "
                                                         "for example {}-myframework",
                                                         visible(name, 60), runtime));
  }
  std::vector<NewFile> files;
  for (const TemplateFile& file : template_files()) {
    if (file.runtime == runtime) files.push_back({std::string(file.path), named(file.text, name)});
  }
  if (!files.empty()) return files;
  return fail(ErrorCode::not_found,
              fmt::format("no template for {}; there are templates for {}. For other runtimes copy the folder of a "
                          "stack, for example stacks/cpp-beast or stacks/rust-axum",
                          visible(runtime, 40), fmt::join(template_runtimes(), ", ")));
}

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
  if (auto written = write_new_files(folder, *files); !written) return written;
  print_note(session,
             fmt::format("\nNext: dyno stack rescan; dyno run {} --profile smoke. Then add workloads as described in "
                         "stacks/CONTRACT.md.\n",
                         options.name));
  return Exit::ok;
}

}  // namespace dyno::cli
