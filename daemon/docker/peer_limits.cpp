#include "docker/peer_limits.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <charconv>
#include <limits>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace dyno::docker {
namespace {

constexpr std::size_t kMostBytes = 65536;
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

std::string text_of(const std::string& path) { return read_file(path, kMostBytes).value_or(std::string()); }

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
