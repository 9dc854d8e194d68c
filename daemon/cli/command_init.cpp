#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "adopt/folder.h"
#include "adopt/value.h"
#include "adopt/write_draft.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/new_files.h"

namespace dyno::cli {
namespace {

namespace fs = std::filesystem;

// Files below the folder, and those that the user named by a path of their own; no link is followed out of it.
class Readable {
 public:
  Readable(const fs::path& folder, const std::vector<std::string>& named) : named_(named) {
    std::error_code error;
    folder_ = fs::canonical(folder, error);
  }

  std::optional<std::string> read(const std::string& path) const {
    const bool is_named = std::find(named_.begin(), named_.end(), path) != named_.end();
    std::error_code error;
    const fs::path full = fs::canonical(is_named ? fs::path(path) : folder_ / path, error);
    if (error || (!is_named && !is_below(full)) || !fs::is_regular_file(full, error)) return std::nullopt;
    auto text = read_file(full.string(), adopt::kMostBytes);
    if (!text) return std::nullopt;
    return std::move(*text);
  }

 private:
  bool is_below(const fs::path& path) const {
    const fs::path relative = path.lexically_relative(folder_);
    return !relative.empty() && *relative.begin() != "..";
  }

  fs::path folder_;
  const std::vector<std::string>& named_;
};

Outcome<std::vector<NewFile>> contents_of(const std::vector<adopt::DraftedFile>& drafted, const Readable& readable) {
  std::vector<NewFile> files;
  for (const adopt::DraftedFile& file : drafted) {
    if (file.copy_of.empty()) {
      files.push_back({file.path, file.text});
      continue;
    }
    auto text = readable.read(file.copy_of);
    if (!text) return fail_with(Exit::failure, fmt::format("cannot read {}", file.copy_of));
    files.push_back({file.path, std::move(*text)});
  }
  return files;
}

}  // namespace

Outcome<Exit> init_folder(Session& session, const InitOptions& options) {
  std::error_code error;
  const fs::path folder = fs::canonical(options.folder, error);
  if (error || !fs::is_directory(folder, error))
    return fail_with(Exit::not_found, fmt::format("{} is not a folder", options.folder));
  const Readable readable(folder, options.from);
  const adopt::ReadBeside read = [&readable](const std::string& path) { return readable.read(path); };
  const auto draft = adopt::draft_of_folder({.folder_name = folder.filename().string(),
                                             .from = options.from,
                                             .app = options.app,
                                             .curl = options.curl,
                                             .name = options.name},
                                            read);
  if (!draft)
    return fail_with(draft.error().code == ErrorCode::not_found ? Exit::not_found : Exit::usage, draft.error().message);
  const auto files = contents_of(adopt::files_of(*draft), readable);
  if (!files) return tl::unexpected<Failure>(files.error());
  if (options.print) {
    print_text(files->front().text);
    return Exit::ok;
  }
  auto written = write_new_files(options.folder, *files, options.force);
  if (!written) return written;
  std::string note;
  if (!draft->remarks.empty()) note += "\nNot taken over, or not known (also at the end of stackdyno.yaml):\n";
  for (const auto& [place, message] : draft->remarks) note += fmt::format("  {}: {}\n", place, message);
  print_note(session, note);
  return Exit::ok;
}

}  // namespace dyno::cli
