#include "docker/context_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "archive/folder.h"
#include "archive/tar_writer.h"
#include "base/file.h"
#include "base/sha256.h"

namespace dyno::docker {
namespace {

namespace fs = std::filesystem;

// The text of the Dockerfile as it was written.
Result<std::string> write_archive(const std::string& folder, const std::string& dockerfile, const archive::Sink& sink,
                                  const std::stop_token& stop) {
  const auto rules = archive::ignore_rules_of(folder);
  if (!rules) return fail(rules.error());
  // The engine itself takes these two out of what is copied, if the rules say so.
  const auto entries = archive::list_folder(folder, *rules, {dockerfile, std::string(archive::kIgnoreFile)});
  if (!entries) return fail(entries.error());
  const auto built_from = std::find_if(entries->begin(), entries->end(),
                                       [&](const archive::Entry& entry) { return entry.name == dockerfile; });
  if (built_from == entries->end() || built_from->type != fs::file_type::regular)
    return fail(ErrorCode::invalid_argument, fmt::format("{} must be a file, not a link or behind one", dockerfile));
  if (built_from->size > archive::kMostRuleBytes)
    return fail(ErrorCode::exhausted, fmt::format("{} is larger than 1 MiB", dockerfile));
  std::string text;
  archive::TarWriter tar(sink);
  for (const archive::Entry& entry : *entries) {
    std::string* const copy = entry.name == dockerfile ? &text : nullptr;
    if (auto added = archive::pack_entry(tar, folder, entry, copy, stop); !added) return fail(added.error());
  }
  if (auto ended = tar.finish(); !ended) return fail(ended.error());
  return text;
}

}  // namespace

Result<ports::BuildContext> pack_context(const std::string& folder, const std::string& asked,
                                         const std::stop_token& stop) {
  std::error_code error;
  const std::string dockerfile = fs::path(asked).lexically_normal().generic_string();
  if (!fs::is_regular_file(fs::path(folder) / dockerfile, error)) {
    return fail(ErrorCode::not_found, fmt::format("no {} in {}", dockerfile, folder));
  }
  auto file = ScratchFile::create();
  if (!file) return fail(file.error(), "packing the build context");
  Sha256 hash;
  const auto keep = [&](std::string_view bytes) {
    hash.update(bytes);
    return file->append(bytes);
  };
  auto text = write_archive(folder, dockerfile, keep, stop);
  if (!text) return fail(text.error(), "packing the build context");
  return ports::BuildContext{dockerfile, std::move(*text), hash.hex(), std::move(*file)};
}

Result<std::string> archive_program(const std::string& path) {
  auto content = read_file(path, archive::kMostBytes);
  if (!content) return fail(content.error().error());
  return archive_files({{"/" + fs::path(path).filename().string(), std::move(*content), true}});
}

Result<std::string> archive_files(const std::vector<ports::CopiedFile>& files) {
  std::string bytes;
  archive::TarWriter tar([&bytes](std::string_view part) {
    bytes += part;
    return Status();
  });
  for (const ports::CopiedFile& file : files) {
    const archive::Entry entry{file.path.substr(1), fs::file_type::regular, file.executable, file.bytes.size()};
    if (auto begun = tar.begin(entry); !begun) return fail(begun.error());
    if (auto added = tar.add(entry, file.bytes); !added) return fail(added.error());
  }
  if (auto ended = tar.finish(); !ended) return fail(ended.error());
  return bytes;
}

}  // namespace dyno::docker
