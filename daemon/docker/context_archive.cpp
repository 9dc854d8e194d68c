#include "docker/context_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

#include "docker/ignore_rules.h"

namespace dyno::docker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 1000;
constexpr std::size_t kMostEntries = 100'000;
constexpr std::size_t kMostBytes = std::size_t{512} << 20u;

struct ContextEntry {
  std::string name;  // relative, '/' between
  fs::file_type type = fs::file_type::none;
  bool executable = false;
};

Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::io, fmt::format("cannot read {}", path.string()));
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) return fail(ErrorCode::io, fmt::format("cannot read {}", path.string()));
  return bytes;
}

// A link may point anywhere within the context: its target is followed in words, not on the disk.
bool stays_inside(const std::string& name, const fs::path& target) {
  if (target.is_absolute()) return false;
  const fs::path end = (fs::path(name).parent_path() / target).lexically_normal();
  return end.empty() || *end.begin() != "..";
}

class TarWriter {
 public:
  TarWriter() : archive_(archive_write_new(), &archive_write_free), entry_(archive_entry_new(), &archive_entry_free) {
    archive_write_set_format_pax_restricted(archive_.get());
    archive_write_set_bytes_in_last_block(archive_.get(), 1);
    archive_write_open(archive_.get(), &bytes_, nullptr, &TarWriter::append, nullptr);
  }

  Status add(const ContextEntry& entry, const std::string& content, const std::string& link) {
    archive_entry_clear(entry_.get());
    archive_entry_set_pathname(entry_.get(), entry.name.c_str());
    archive_entry_set_mtime(entry_.get(), 0, 0);
    archive_entry_set_uid(entry_.get(), 0);
    archive_entry_set_gid(entry_.get(), 0);
    const bool is_link = entry.type == fs::file_type::symlink;
    const bool is_folder = entry.type == fs::file_type::directory;
    archive_entry_set_filetype(entry_.get(),
                               static_cast<unsigned>(is_link ? AE_IFLNK : (is_folder ? AE_IFDIR : AE_IFREG)));
    archive_entry_set_perm(entry_.get(), is_folder || entry.executable ? 0755 : 0644);
    if (is_link) archive_entry_set_symlink(entry_.get(), link.c_str());
    archive_entry_set_size(entry_.get(), static_cast<la_int64_t>(content.size()));
    if (archive_write_header(archive_.get(), entry_.get()) != ARCHIVE_OK) return failed(entry.name);
    if (content.empty()) return {};
    if (archive_write_data(archive_.get(), content.data(), content.size()) != static_cast<la_ssize_t>(content.size()))
      return failed(entry.name);
    if (bytes_.size() > kMostBytes) return fail(ErrorCode::exhausted, "the build context is larger than 512 MiB");
    return {};
  }

  Result<std::string> finish() {
    if (archive_write_close(archive_.get()) != ARCHIVE_OK) return fail(failed("the end of the archive").error());
    return std::move(bytes_);
  }

 private:
  static la_ssize_t append(archive*, void* user, const void* data, std::size_t size) {
    static_cast<std::string*>(user)->append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
  }
  Status failed(const std::string& name) {
    const char* const why = archive_error_string(archive_.get());
    return fail(ErrorCode::io, fmt::format("writing {} to the archive: {}", name, why == nullptr ? "unknown" : why));
  }

  std::string bytes_;
  std::unique_ptr<archive, decltype(&archive_write_free)> archive_;
  std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry_;
};

Status check_entry(const ContextEntry& entry) {
  if (entry.name.size() > kLongestName)
    return fail(ErrorCode::invalid_argument, fmt::format("name too long: {}…", entry.name.substr(0, 80)));
  if (entry.type != fs::file_type::regular && entry.type != fs::file_type::directory &&
      entry.type != fs::file_type::symlink) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} is neither file, folder nor link", entry.name));
  }
  return {};
}

Result<std::vector<ContextEntry>> list_entries(const fs::path& folder, const IgnoreRules& rules,
                                               const std::string& dockerfile) {
  std::vector<ContextEntry> entries;
  std::error_code error;
  fs::recursive_directory_iterator walk(folder, error);
  if (error) return fail(ErrorCode::io, fmt::format("cannot list {}: {}", folder.string(), error.message()));
  for (; walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    const fs::file_status status = walk->symlink_status(error);
    if (error) break;
    const ContextEntry entry{walk->path().lexically_relative(folder).generic_string(), status.type(),
                             (status.permissions() & fs::perms::owner_exec) != fs::perms::none};
    if (rules.is_ignored(entry.name) && entry.name != dockerfile) {
      const bool may_hold_dockerfile = dockerfile.starts_with(entry.name + "/");
      if (status.type() == fs::file_type::directory && !rules.has_exceptions() && !may_hold_dockerfile)
        walk.disable_recursion_pending();
      continue;
    }
    if (auto checked = check_entry(entry); !checked) return fail(checked.error());
    entries.push_back(entry);
    if (entries.size() > kMostEntries)
      return fail(ErrorCode::exhausted, "the build context has more than 100 000 entries");
  }
  if (error) return fail(ErrorCode::io, fmt::format("cannot list {}: {}", folder.string(), error.message()));
  std::sort(entries.begin(), entries.end(),
            [](const ContextEntry& a, const ContextEntry& b) { return a.name < b.name; });
  return entries;
}

Result<std::string> link_target(const fs::path& folder, const ContextEntry& entry) {
  std::error_code error;
  const fs::path target = fs::read_symlink(folder / entry.name, error);
  if (error) return fail(ErrorCode::io, fmt::format("cannot read the link {}: {}", entry.name, error.message()));
  if (!stays_inside(entry.name, target)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the link {} leaves the folder: {}", entry.name, target.string()));
  }
  return target.string();
}

Status add_entry(TarWriter& tar, const fs::path& folder, const ContextEntry& entry) {
  std::string content;
  std::string link;
  if (entry.type == fs::file_type::symlink) {
    auto target = link_target(folder, entry);
    if (!target) return fail(target.error());
    link = *target;
  } else if (entry.type == fs::file_type::regular) {
    std::error_code error;
    const auto size = fs::file_size(folder / entry.name, error);
    if (!error && size > kMostBytes)
      return fail(ErrorCode::exhausted, fmt::format("{} is larger than 512 MiB", entry.name));
    auto read = read_file(folder / entry.name);
    if (!read) return fail(read.error());
    content = std::move(*read);
  }
  return tar.add(entry, content, link);
}

}  // namespace

Result<std::string> archive_context(const std::string& folder, const std::string& dockerfile) {
  std::error_code error;
  if (!fs::is_regular_file(fs::path(folder) / dockerfile, error)) {
    return fail(ErrorCode::not_found, fmt::format("no {} in {}", dockerfile, folder));
  }
  const fs::path ignore_file = fs::path(folder) / ".dockerignore";
  const IgnoreRules rules(fs::exists(ignore_file, error) ? read_file(ignore_file).value_or(std::string())
                                                         : std::string());
  const auto entries = list_entries(folder, rules, dockerfile);
  if (!entries) return fail(entries.error(), "packing the build context");
  TarWriter tar;
  for (const ContextEntry& entry : *entries) {
    if (auto added = add_entry(tar, folder, entry); !added) return fail(added.error(), "packing the build context");
  }
  return tar.finish();
}

Result<std::string> archive_program(const std::string& path) {
  auto content = read_file(path);
  if (!content) return fail(content.error());
  TarWriter tar;
  const ContextEntry entry{fs::path(path).filename().string(), fs::file_type::regular, true};
  if (auto added = tar.add(entry, *content, {}); !added) return fail(added.error());
  return tar.finish();
}

}  // namespace dyno::docker
