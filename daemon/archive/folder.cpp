#include "archive/folder.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/quantity.h"
#include "base/text.h"
#include "base/units.h"

namespace dyno::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = 65'536;

Bytes size_of(std::uintmax_t bytes) { return Bytes{static_cast<std::int64_t>(bytes)}; }

// A link may point anywhere within the context: its target is followed in words, not on the disk.
bool stays_inside(const std::string& name, const fs::path& target) {
  if (target.is_absolute()) return false;
  const fs::path end = (fs::path(name).parent_path() / target).lexically_normal();
  return end.empty() || *end.begin() != "..";
}

Status check_entry(const Entry& entry) {
  if (entry.name.size() > kLongestName)
    return fail(ErrorCode::invalid_argument, fmt::format("name too long: {}…", entry.name.substr(0, 80)));
  if (entry.type != fs::file_type::regular && entry.type != fs::file_type::directory &&
      entry.type != fs::file_type::symlink) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} is neither file, folder nor link", entry.name));
  }
  return {};
}

tl::unexpected<Error> too_large(const Entry& entry) {
  return fail(
      ErrorCode::exhausted,
      fmt::format("the files are larger than {} together ({} alone has {}): leave out by .dockerignore what is not "
                  "needed",
                  format_bytes(size_of(kMostBytes)), entry.name, format_bytes(size_of(entry.size))));
}

Result<std::string> link_target(const fs::path& folder, const Entry& entry) {
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
Status add_content(TarWriter& tar, const fs::path& folder, const Entry& entry, std::string* kept,
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

bool is_kept(const std::vector<std::string>& kept, const std::string& name) {
  return std::any_of(kept.begin(), kept.end(), [&](const std::string& one) {
    return name == one || (one.ends_with('/') && (name + "/").starts_with(one));
  });
}

bool holds_kept(const std::vector<std::string>& kept, const std::string& folder) {
  return std::any_of(kept.begin(), kept.end(), [&](const std::string& one) { return one.starts_with(folder + "/"); });
}

}  // namespace

Result<IgnoreRules> ignore_rules_of(const std::string& folder) {
  const fs::path file = fs::path(folder) / kIgnoreFile;
  std::error_code error;
  if (!fs::exists(file, error)) return IgnoreRules::parse("");
  const auto text = read_file(file.string(), kMostRuleBytes);
  if (!text) return fail(text.error().error());
  return IgnoreRules::parse(*text);
}

Result<std::vector<Entry>> list_folder(const fs::path& folder, const IgnoreRules& rules,
                                       const std::vector<std::string>& kept) {
  std::vector<Entry> entries;
  std::uintmax_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator walk(folder, error);
  if (error) return fail(ErrorCode::io, fmt::format("cannot list {}: {}", folder.string(), error.message()));
  for (; walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    const fs::file_status status = walk->symlink_status(error);
    if (error) break;
    Entry entry{walk->path().lexically_relative(folder).generic_string(), status.type(),
                (status.permissions() & fs::perms::owner_exec) != fs::perms::none};
    if (!is_kept(kept, entry.name) && rules.is_ignored(entry.name)) {
      const bool is_entered = rules.may_hold_exceptions(entry.name) || holds_kept(kept, entry.name);
      if (status.type() == fs::file_type::directory && !is_entered) walk.disable_recursion_pending();
      continue;
    }
    if (auto checked = check_entry(entry); !checked) return fail(checked.error());
    if (entry.type == fs::file_type::regular) entry.size = walk->file_size(error);
    if (error) break;
    bytes += entry.size;
    if (bytes > kMostBytes) return too_large(entry);
    entries.push_back(std::move(entry));
    if (entries.size() > kMostEntries) return fail(ErrorCode::exhausted, "the folder has more than 100 000 entries");
  }
  if (error) return fail(ErrorCode::io, fmt::format("cannot list {}: {}", folder.string(), error.message()));
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

Status pack_entry(TarWriter& tar, const fs::path& folder, const Entry& entry, std::string* copy,
                  const std::stop_token& stop) {
  std::string link;
  if (entry.type == fs::file_type::symlink) {
    auto target = link_target(folder, entry);
    if (!target) return fail(target.error());
    link = std::move(*target);
  }
  if (Status begun = tar.begin(entry, link); !begun) return begun;
  return entry.type == fs::file_type::regular ? add_content(tar, folder, entry, copy, stop) : Status();
}

Status pack_folder(const std::string& folder, const std::vector<std::string>& kept, const Sink& sink) {
  const auto rules = ignore_rules_of(folder);
  if (!rules) return fail(rules.error());
  const auto entries = list_folder(folder, *rules, kept);
  if (!entries) return fail(entries.error());
  TarWriter tar(sink);
  for (const Entry& entry : *entries) {
    if (entry.name == ".git" || entry.name.starts_with(".git/")) continue;
    if (Status added = pack_entry(tar, folder, entry, nullptr, {}); !added) return added;
  }
  return tar.finish();
}

// ---- back ----

namespace {

Error refused(const std::string& name, std::string_view why) {
  return {ErrorCode::invalid_argument, fmt::format("the archive's entry {} {}", visible(name, 200), why)};
}

class TarReading {
 public:
  explicit TarReading(fs::path folder) : folder_(std::move(folder)), archive_(archive_read_new(), &archive_read_free) {
    archive_read_support_format_tar(archive_.get());
  }

  Status read(const std::string& file) {
    if (archive_read_open_filename(archive_.get(), file.c_str(), kBlock) != ARCHIVE_OK) return unreadable();
    archive_entry* header = nullptr;
    int outcome = ARCHIVE_OK;
    while ((outcome = archive_read_next_header(archive_.get(), &header)) == ARCHIVE_OK) {
      if (Status taken = take(header); !taken) return taken;
    }
    if (outcome != ARCHIVE_EOF) return unreadable();
    if (seen_.empty()) return fail(ErrorCode::invalid_argument, "the archive is empty");
    return make_links();
  }

 private:
  Status unreadable() {
    const char* const why = archive_error_string(archive_.get());
    return fail(ErrorCode::invalid_argument, fmt::format("it is no tar archive: {}", why == nullptr ? "cut off" : why));
  }

  static Error too_much(const std::string& name) { return refused(name, "makes it more than 512 MiB"); }

  // "a/b" of "./a/b/"; what leads elsewhere is refused.
  Result<std::string> name_of(const char* given) const {
    const std::string name(given == nullptr ? "" : given);
    if (name.empty() || name.size() > kLongestName) return fail(refused(name, "has no name, or one over 1 000 bytes"));
    if (name.front() == '/') return fail(refused(name, "has an absolute path"));
    std::string plain;
    for (const std::string_view part : split(name, '/')) {
      if (part == "..") return fail(refused(name, "leads out of the folder"));
      if (part.empty() || part == ".") continue;
      plain += (plain.empty() ? "" : "/") + std::string(part);
      if (links_.contains(plain) && plain.size() + 1 < name.size())
        return fail(refused(name, fmt::format("stands below the link {}", plain)));
    }
    return plain;
  }

  Status take(archive_entry* header) {
    const auto name = name_of(archive_entry_pathname(header));
    if (!name) return fail(name.error());
    if (name->empty()) return {};  // the folder itself
    const auto type = archive_entry_filetype(header);
    if (archive_entry_hardlink(header) != nullptr) return fail(refused(*name, "is a hard link"));
    if (++count_ > kMostEntries) return fail(refused(*name, "is one of more than 100 000"));
    if (type != AE_IFDIR && !seen_.insert(*name).second) return fail(refused(*name, "stands there twice"));
    if (type == AE_IFDIR) return make_folder(*name);
    if (type == AE_IFLNK) return keep_link(*name, archive_entry_symlink(header));
    if (type != AE_IFREG) return fail(refused(*name, "is neither file, folder nor link"));
    // Of a sparse file the size alone is large: it is refused before its holes are written.
    if (archive_entry_size(header) > static_cast<la_int64_t>(kMostBytes - bytes_)) return fail(too_much(*name));
    if (Status made = make_folder(fs::path(*name).parent_path().generic_string()); !made) return made;
    return write_file(*name, (archive_entry_perm(header) & 0100U) != 0);
  }

  Status make_folder(const std::string& name) {
    if (name.empty()) return {};
    seen_.insert(name + "/");
    std::error_code error;
    fs::create_directories(folder_ / name, error);
    if (error) return fail(refused(name, fmt::format("cannot be made: {}", error.message())));
    return {};
  }

  Status keep_link(const std::string& name, const char* target) {
    if (target == nullptr || !stays_inside(name, target))
      return fail(refused(name, fmt::format("is a link that leaves the folder: {}", target == nullptr ? "" : target)));
    if (seen_.contains(name + "/")) return fail(refused(name, "is a folder and a link"));
    links_.insert(name);
    targets_.emplace_back(name, target);
    return {};
  }

  Status write_file(const std::string& name, bool executable) {
    const Descriptor out(::open((folder_ / name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                executable ? 0755 : 0644));
    if (!out.is_open()) return fail(error_from_errno("writing " + name, errno));
    std::array<char, kBlock> block{};
    la_ssize_t got = 0;
    while ((got = archive_read_data(archive_.get(), block.data(), block.size())) > 0) {
      bytes_ += static_cast<std::uintmax_t>(got);
      if (bytes_ > kMostBytes) return fail(too_much(name));
      std::string_view left(block.data(), static_cast<std::size_t>(got));
      while (!left.empty()) {
        const ssize_t written = ::write(out.get(), left.data(), left.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return fail(error_from_errno("writing " + name, errno));
        left.remove_prefix(static_cast<std::size_t>(written));
      }
    }
    return got < 0 ? unreadable() : Status();
  }

  // Last, so that nothing is written through one.
  Status make_links() {
    for (const auto& [name, target] : targets_) {
      if (Status made = make_folder(fs::path(name).parent_path().generic_string()); !made) return made;
      std::error_code error;
      fs::create_symlink(target, folder_ / name, error);
      if (error) return fail(refused(name, fmt::format("cannot be made: {}", error.message())));
    }
    return {};
  }

  const fs::path folder_;
  std::unique_ptr<::archive, int (*)(::archive*)> archive_;
  std::size_t count_ = 0;
  std::uintmax_t bytes_ = 0;
  std::set<std::string> seen_;  // files and links; folders with a / at the end
  std::set<std::string> links_;
  std::vector<std::pair<std::string, std::string>> targets_;
};

}  // namespace

Status unpack_folder(const std::string& file, const fs::path& folder) { return TarReading(folder).read(file); }

}  // namespace dyno::archive
