#include "docker/engine_machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <limits>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace dyno::docker {
namespace {

namespace fs = std::filesystem;

Descriptor open_to_read(const std::string& path, int flags) {
  return Descriptor(::open(path.c_str(), flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
}

// Bytes of the file that are in the page cache, all of them where the kernel does not tell. To map a file reads nothing of it.
std::int64_t resident_bytes(int fd, std::size_t size) {
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return static_cast<std::int64_t>(size);
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages((size + page - 1) / page);
  auto resident = static_cast<std::int64_t>(size);
  if (::mincore(mapped, size, pages.data()) == 0) {
    const auto count = std::count_if(pages.begin(), pages.end(), [](unsigned char p) { return (p & 1U) != 0; });
    resident = static_cast<std::int64_t>(count) * static_cast<std::int64_t>(page);
  }
  ::munmap(mapped, size);
  return resident;
}

// A file that is passed over would count as forgotten: only those that are gone may be.
Status evict_file(const std::string& path, ports::EvictionOutcome& outcome) {
  const Descriptor file = open_to_read(path, 0);
  if (file.get() < 0 && errno == ENOENT) return {};
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return fail(ErrorCode::unsupported, fmt::format("reading the image's file {}: {}", path, std::strerror(errno)));
  if (status.st_size <= 0) return {};
  const auto size = static_cast<std::size_t>(status.st_size);
  outcome.size.value += status.st_size;
  if (resident_bytes(file.get(), size) == 0) return {};
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
  outcome.resident.value += std::min<std::int64_t>(resident_bytes(file.get(), size), status.st_size);
  return {};
}

}  // namespace

Result<ports::EvictionOutcome> evict_files(const std::vector<std::string>& folders) {
  ports::EvictionOutcome outcome;
  for (const std::string& folder : folders) {
    const Descriptor root = open_to_read(folder, O_DIRECTORY);
    if (root.get() < 0)
      return fail(ErrorCode::unsupported,
                  fmt::format("reading the image's folder {}: {}", folder, std::strerror(errno)));
    ::syncfs(root.get());  // a dirty page, as of an image just built, cannot be forgotten
    std::error_code error;
    fs::recursive_directory_iterator entry(folder, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
      std::error_code vanished;
      if (!fs::is_regular_file(entry->symlink_status(vanished))) continue;
      if (auto done = evict_file(entry->path().string(), outcome); !done) return fail(std::move(done.error()));
    }
    if (error)
      return fail(ErrorCode::unsupported, fmt::format("walking the image's folder {}: {}", folder, error.message()));
  }
  return outcome;
}

namespace {

constexpr std::size_t kControlFileBytes = 65536;
constexpr unsigned kSysResource = 24;  // CAP_SYS_RESOURCE

std::string_view line_after(std::string_view text, std::string_view key) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(key)) return trim(line.substr(key.size()));
  }
  return {};
}

// The pid of whoever listens there; 0 when it cannot be known.
pid_t listener_of(const std::string& socket_path) {
  sockaddr_un address{};
  if (socket_path.size() >= sizeof(address.sun_path)) return 0;
  address.sun_family = AF_UNIX;
  socket_path.copy(address.sun_path, socket_path.size());
  const Descriptor peer_socket(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!peer_socket.is_open()) return 0;
  ucred peer{};
  socklen_t size = sizeof peer;
  const bool known = connect(peer_socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                     getsockopt(peer_socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
  return known ? peer.pid : 0;
}

std::string text_of(const std::string& path) { return read_file(path, kControlFileBytes).value_or(std::string()); }

}  // namespace

std::optional<int> open_files_max(const std::string& socket_path) {
  const pid_t pid = listener_of(socket_path);
  if (pid <= 0) return std::nullopt;
  return open_files_max_of(text_of(fmt::format("/proc/{}/limits", pid)), text_of(fmt::format("/proc/{}/status", pid)));
}

std::optional<int> open_files_max_of(std::string_view limits, std::string_view status) {
  const std::string_view capabilities = line_after(status, "CapEff:");
  std::uint64_t effective = 0;
  const auto parsed = std::from_chars(capabilities.data(), capabilities.data() + capabilities.size(), effective, 16);
  if (capabilities.empty() || parsed.ec != std::errc() || ((effective >> kSysResource) & 1U) != 0) return std::nullopt;
  std::vector<std::string_view> columns;  // soft, hard, unit
  for (const std::string_view word : split(line_after(limits, "Max open files"), ' ')) {
    if (!word.empty()) columns.push_back(word);
  }
  const auto hard = columns.size() < 2 ? std::nullopt : parse_int(columns[1]);
  if (!hard || *hard <= 0 || *hard > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(*hard);
}

}  // namespace dyno::docker
