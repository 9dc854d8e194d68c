#include "stackfile/stack_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include "base/file.h"
#include "base/quantity.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/units.h"

namespace dyno::stackfile {
namespace {

namespace fs = std::filesystem;

constexpr Bytes kMaxFolderBytes = mib(512);  // as much as the engine is sent
constexpr std::size_t kBlock = 65'536;
constexpr std::size_t kMaxInnerBytes = 1U << 20U;  // of one file that a workload names

// Where a path leads through all its links, whose targets need not exist yet; nothing when they lead in a circle.
std::optional<fs::path> led_to(const fs::path& path) {
  constexpr int kMostLinks = 40;
  std::deque<fs::path> rest(path.begin(), path.end());
  fs::path at;
  int links = 0;
  while (!rest.empty()) {
    const fs::path part = rest.front();
    rest.pop_front();
    if (part.empty() || part == ".") continue;
    if (part == "..") at = at.parent_path();
    else at /= part;  // the root starts anew
    std::error_code error;
    if (part == ".." || !fs::is_symlink(fs::symlink_status(at, error))) continue;
    const fs::path target = fs::read_symlink(at, error);
    if (error || ++links > kMostLinks) return std::nullopt;
    at = at.parent_path();
    rest.insert(rest.begin(), target.begin(), target.end());
  }
  return at;
}

// Where `path` leads is `folder`, which must exist, or below it.
bool is_inside(const fs::path& folder, const fs::path& path) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  if (error) return false;
  const auto real = led_to(fs::absolute(path, error));
  if (error || !real) return false;
  const auto [at, rest] = std::mismatch(root.begin(), root.end(), real->begin(), real->end());
  return at == root.end();
}

// The SHA-256 of a file, read in blocks. What is too large is refused before a byte of it is read.
Result<std::string> hash_file(const fs::path& path, const fs::path& inner, std::uint64_t& bytes_left) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0)
    return fail(error_from_errno("reading " + inner.string(), errno));
  Sha256 hash;
  std::array<char, kBlock> block{};
  for (auto size = static_cast<std::uint64_t>(status.st_size);;) {
    if (size > bytes_left) {
      return fail(ErrorCode::exhausted,
                  fmt::format("the folder holds more than {} ({} alone {})", format_bytes(kMaxFolderBytes),
                              inner.string(), format_bytes(Bytes{static_cast<std::int64_t>(status.st_size)})));
    }
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(error_from_errno("reading " + inner.string(), errno));
    if (got == 0) return hash.hex();
    hash.update({block.data(), static_cast<std::size_t>(got)});
    size = std::max(size, static_cast<std::uint64_t>(got)) - static_cast<std::uint64_t>(got);
    bytes_left -= std::min(bytes_left, static_cast<std::uint64_t>(got));
  }
}

// One line for the hash: kind, what counts of the content.
Result<std::string> fingerprint(const fs::path& folder, const fs::directory_entry& entry, std::uint64_t& bytes_left) {
  std::error_code error;
  const fs::path inner = entry.path().lexically_relative(folder);
  if (entry.is_symlink(error)) {
    const fs::path target = fs::read_symlink(entry.path(), error);
    if (error || target.is_absolute() || !is_inside(folder, entry.path())) {
      return fail(ErrorCode::invalid_argument, fmt::format("{} is a link out of the folder", inner.string()));
    }
    return fmt::format("link {}", target.string());
  }
  if (!entry.is_regular_file(error))
    return fail(ErrorCode::invalid_argument, fmt::format("{} is neither a file, a folder nor a link", inner.string()));
  const auto hash = hash_file(entry.path(), inner, bytes_left);
  if (!hash) return fail(hash.error());
  const bool executable = (entry.status(error).permissions() & fs::perms::owner_exec) != fs::perms::none;
  return fmt::format("{} {}", executable ? "program" : "file", *hash);
}

}  // namespace

Result<std::string> hash_folder(const std::string& folder) {
  std::map<std::string, std::string> lines;  // by path, so that the order of the directory does not count
  auto bytes_left = static_cast<std::uint64_t>(kMaxFolderBytes.value);
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(folder, error); !error && it != fs::recursive_directory_iterator();
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored) && !it->is_symlink(ignored)) continue;
    auto line = fingerprint(folder, *it, bytes_left);
    if (!line) return fail(line.error());
    lines.emplace(it->path().lexically_relative(folder).string(), std::move(*line));
  }
  if (error) return fail(ErrorCode::io, fmt::format("cannot read {}: {}", folder, error.message()));
  std::string all;
  for (const auto& [path, line] : lines) all += path + '\0' + line + '\n';
  return fmt::format("sha256:{}", sha256_hex(all));
}

StackFiles stack_files(const std::string& folder) {
  const auto source_in = [](const fs::path& root) {
    return [root](const std::string& path) -> Result<std::string> {
      if (const Status found = check_inner_file(root.string(), path); !found) return fail(found.error());
      auto bytes = read_file((root / path).string(), kMaxInnerBytes);
      if (!bytes) return fail(bytes.error().error());
      return std::move(*bytes);
    };
  };
  return {.folder = source_in(folder), .shared = source_in(fs::path(folder).parent_path() / "workloads")};
}

Status check_inner_file(const std::string& folder, const std::string& relative) {
  const fs::path path = fs::path(folder) / relative;
  std::error_code error;
  if (!fs::exists(path, error)) return fail(ErrorCode::not_found, fmt::format("{} does not exist", relative));
  if (!is_inside(folder, path))
    return fail(ErrorCode::invalid_argument, fmt::format("{} is outside the stack's folder", relative));
  if (!fs::is_regular_file(path, error))
    return fail(ErrorCode::invalid_argument, fmt::format("{} is not a file", relative));
  return {};
}

std::string stack_file_in(const std::string& folder) {
  std::error_code error;
  const bool is_project =
      fs::exists(fs::path(folder) / kSentStackFile, error) && !fs::exists(fs::path(folder) / "stack.yaml", error);
  return is_project ? std::string(kSentStackFile) : "stack.yaml";
}

std::string upload_folder_name(const UploadName& name) {
  return fmt::format("{}~{}~{}", name.stack, name.at_ms, name.hash);
}

std::optional<UploadName> parse_upload_folder_name(std::string_view folder) {
  const auto parts = split(folder, '~');
  if (parts.size() != 3 || parts[0].empty() || parts[2].empty()) return std::nullopt;
  const auto at_ms = parse_int(parts[1]);
  if (!at_ms) return std::nullopt;
  return UploadName{std::string(parts[0]), *at_ms, std::string(parts[2])};
}

void name_uploaded(model::Stack& stack, const std::string& name) {
  stack.variants.clear();
  if (name.empty() || name == stack.name) return;
  const std::string_view side = std::string_view(name).substr(std::min(name.find('@') + 1, name.size()));
  stack.title = fmt::format("{} ({})", stack.title, name.find('@') == std::string::npos ? name : side);
  stack.name = name;
}

std::string inner_name(const model::Stack& stack, const std::string& service) {
  return fmt::format("{}.{}", stack.variant_of.empty() ? stack.name : stack.variant_of, service);
}

std::vector<std::string> adopt_inner_services(model::Stack& stack) {
  std::vector<std::string> adopted;
  if (stack.contract != model::ContractKind::own) return adopted;
  std::error_code error;
  for (const auto& [name, need] : stack.services) {
    const fs::path file = fs::path(stack.folder) / kInnerServices / name / "service.yaml";
    if (fs::exists(fs::symlink_status(file, error))) adopted.push_back(name);
  }
  for (const std::string& name : adopted) {
    auto need = stack.services.extract(name);
    need.key() = inner_name(stack, name);
    stack.services.insert(std::move(need));
  }
  return adopted;
}

}  // namespace dyno::stackfile
