#include "docker/context_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/quantity.h"
#include "base/sha256.h"
#include "base/units.h"
#include "docker/ignore_rules.h"

namespace dyno::docker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 1000;
constexpr std::size_t kMostEntries = 100'000;
constexpr Bytes kMostBytes = mib(512);
constexpr std::size_t kMostRuleBytes = 1U << 20U;  // of a Dockerfile, and of a .dockerignore
constexpr std::size_t kBlock = 65'536;
constexpr std::string_view kIgnoreFile = ".dockerignore";

struct ContextEntry {
  std::string name;  // relative, '/' between
  fs::file_type type = fs::file_type::none;
  bool executable = false;
  std::uintmax_t size = 0;  // of a file
};

// A link may point anywhere within the context: its target is followed in words, not on the disk.
bool stays_inside(const std::string& name, const fs::path& target) {
  if (target.is_absolute()) return false;
  const fs::path end = (fs::path(name).parent_path() / target).lexically_normal();
  return end.empty() || *end.begin() != "..";
}

// Where the bytes of an archive go.
using Sink = std::function<Status(std::string_view bytes)>;

class TarWriter {
 public:
  explicit TarWriter(Sink sink)
      : sink_(std::move(sink)),
        archive_(archive_write_new(), &archive_write_free),
        entry_(archive_entry_new(), &archive_entry_free) {
    archive_write_set_format_pax_restricted(archive_.get());
    // Names are bytes: no locale has a say in them.
    archive_write_set_options(archive_.get(), "pax:hdrcharset=BINARY");
    archive_write_set_bytes_in_last_block(archive_.get(), 1);
    archive_write_open(archive_.get(), this, nullptr, &TarWriter::pass_on, nullptr);
  }
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  // A file's content follows: exactly entry.size bytes.
  Status begin(const ContextEntry& entry, const std::string& link) {
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
    archive_entry_set_size(entry_.get(), static_cast<la_int64_t>(entry.size));
    return archive_write_header(archive_.get(), entry_.get()) == ARCHIVE_OK ? Status() : failed(entry.name);
  }

  Status add(const ContextEntry& entry, std::string_view content) {
    const auto size = static_cast<la_ssize_t>(content.size());
    return archive_write_data(archive_.get(), content.data(), content.size()) == size ? Status() : failed(entry.name);
  }

  Status finish() {
    return archive_write_close(archive_.get()) == ARCHIVE_OK ? Status() : failed("the end of the archive");
  }

 private:
  static la_ssize_t pass_on(archive*, void* user, const void* data, std::size_t size) {
    TarWriter& writer = *static_cast<TarWriter*>(user);
    writer.passed_ = writer.sink_({static_cast<const char*>(data), size});
    return writer.passed_ ? static_cast<la_ssize_t>(size) : -1;
  }
  Status failed(const std::string& name) {
    if (!passed_) return fail(passed_.error());
    const char* const why = archive_error_string(archive_.get());
    return fail(ErrorCode::io, fmt::format("writing {} to the archive: {}", name, why == nullptr ? "unknown" : why));
  }

  Sink sink_;
  Status passed_;
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

tl::unexpected<Error> too_large(const ContextEntry& entry) {
  return fail(
      ErrorCode::exhausted,
      fmt::format("the files are larger than {} together ({} alone has {}): leave out by .dockerignore what the "
                  "build does not need",
                  format_bytes(kMostBytes), entry.name, format_bytes(Bytes{static_cast<std::int64_t>(entry.size)})));
}

Result<std::vector<ContextEntry>> list_entries(const fs::path& folder, const IgnoreRules& rules,
                                               const std::string& dockerfile) {
  std::vector<ContextEntry> entries;
  std::uintmax_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator walk(folder, error);
  if (error) return fail(ErrorCode::io, fmt::format("cannot list {}: {}", folder.string(), error.message()));
  for (; walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    const fs::file_status status = walk->symlink_status(error);
    if (error) break;
    ContextEntry entry{walk->path().lexically_relative(folder).generic_string(), status.type(),
                       (status.permissions() & fs::perms::owner_exec) != fs::perms::none};
    // The engine itself takes these two out of what is copied, if the rules say so.
    const bool is_for_engine = entry.name == dockerfile || entry.name == kIgnoreFile;
    if (!is_for_engine && rules.is_ignored(entry.name)) {
      const bool is_entered = rules.may_hold_exceptions(entry.name) || dockerfile.starts_with(entry.name + "/");
      if (status.type() == fs::file_type::directory && !is_entered) walk.disable_recursion_pending();
      continue;
    }
    if (auto checked = check_entry(entry); !checked) return fail(checked.error());
    if (entry.type == fs::file_type::regular) entry.size = walk->file_size(error);
    if (error) break;
    bytes += entry.size;
    if (bytes > static_cast<std::uintmax_t>(kMostBytes.value)) return too_large(entry);
    entries.push_back(std::move(entry));
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

// The bytes of a file, block by block. One that grows or shrinks meanwhile would be packed as it never was.
Status add_content(TarWriter& tar, const fs::path& folder, const ContextEntry& entry, std::string* kept,
                   const std::stop_token& stop) {
  const Descriptor file(::open((folder / entry.name).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.is_open()) return fail(error_from_errno("reading " + entry.name, errno));
  std::array<char, kBlock> block{};
  std::uintmax_t left = entry.size;
  Status added;
  ssize_t got = 0;
  while (added && (got = ::read(file.get(), block.data(), block.size())) > 0 &&
         static_cast<std::uintmax_t>(got) <= left) {
    left -= static_cast<std::uintmax_t>(got);
    const std::string_view part(block.data(), static_cast<std::size_t>(got));
    if (kept != nullptr) *kept += part;
    added = tar.add(entry, part);
    if (stop.stop_requested()) added = fail(ErrorCode::cancelled, "the build was cancelled");
  }
  if (!added) return added;
  if (got < 0) return fail(error_from_errno("reading " + entry.name, errno));
  if (got > 0 || left > 0) return fail(ErrorCode::conflict, fmt::format("{} changed while it was read", entry.name));
  return {};
}

// `kept`, where it is asked for, gets a copy of the bytes.
Status add_entry(TarWriter& tar, const fs::path& folder, const ContextEntry& entry, std::string* kept,
                 const std::stop_token& stop) {
  std::string link;
  if (entry.type == fs::file_type::symlink) {
    auto target = link_target(folder, entry);
    if (!target) return fail(target.error());
    link = std::move(*target);
  }
  if (Status begun = tar.begin(entry, link); !begun) return begun;
  return entry.type == fs::file_type::regular ? add_content(tar, folder, entry, kept, stop) : Status();
}

// The text of the Dockerfile as it was written.
Result<std::string> write_archive(const std::string& folder, const std::string& dockerfile, const Sink& sink,
                                  const std::stop_token& stop) {
  std::error_code error;
  const fs::path ignore_file = fs::path(folder) / kIgnoreFile;
  std::string ignored;
  if (fs::exists(ignore_file, error)) {
    auto text = read_file(ignore_file.string(), kMostRuleBytes);
    if (!text) return fail(text.error().error());
    ignored = std::move(*text);
  }
  const auto rules = IgnoreRules::parse(ignored);
  if (!rules) return fail(rules.error());
  const auto entries = list_entries(folder, *rules, dockerfile);
  if (!entries) return fail(entries.error());
  const auto built_from = std::find_if(entries->begin(), entries->end(),
                                       [&](const ContextEntry& entry) { return entry.name == dockerfile; });
  if (built_from == entries->end() || built_from->type != fs::file_type::regular)
    return fail(ErrorCode::invalid_argument, fmt::format("{} must be a file, not a link or behind one", dockerfile));
  if (built_from->size > kMostRuleBytes)
    return fail(ErrorCode::exhausted, fmt::format("{} is larger than 1 MiB", dockerfile));
  std::string text;
  TarWriter tar(sink);
  for (const ContextEntry& entry : *entries) {
    std::string* const kept = entry.name == dockerfile ? &text : nullptr;
    if (auto added = add_entry(tar, folder, entry, kept, stop); !added) return fail(added.error());
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
  auto content = read_file(path, static_cast<std::size_t>(kMostBytes.value));
  if (!content) return fail(content.error().error());
  return archive_files({{"/" + fs::path(path).filename().string(), std::move(*content), true}});
}

Result<std::string> archive_files(const std::vector<ports::CopiedFile>& files) {
  std::string bytes;
  TarWriter tar([&bytes](std::string_view part) {
    bytes += part;
    return Status();
  });
  for (const ports::CopiedFile& file : files) {
    const ContextEntry entry{file.path.substr(1), fs::file_type::regular, file.executable, file.bytes.size()};
    if (auto begun = tar.begin(entry, {}); !begun) return fail(begun.error());
    if (auto added = tar.add(entry, file.bytes); !added) return fail(added.error());
  }
  if (auto ended = tar.finish(); !ended) return fail(ended.error());
  return bytes;
}

}  // namespace dyno::docker
