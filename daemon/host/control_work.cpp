#include "host/control_work.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <thread>
#include <utility>

#include "base/file.h"

namespace dyno::host {
namespace {

// About 90 ms of work. A neighbour on the host slows a virtual CPU by half in bursts of 70 to 100 ms: a window averages over them, and
// the least of repeats over such a stretch looks past them. What lasts, all repeats show.
constexpr int kRepeats = 24;
constexpr int kMessages = 800;
constexpr std::size_t kMessageBytes = 128;

Error unavailable(const char* what) {
  return {ErrorCode::unavailable, fmt::format("the control's {}: {}", what, std::strerror(errno))};
}

struct Connection {
  Descriptor client;
  Descriptor server;
};

Result<Connection> connect_to_self() {
  const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (listener.get() < 0 || ::bind(listener.get(), any, size) != 0 || ::listen(listener.get(), 1) != 0 ||
      ::getsockname(listener.get(), any, &size) != 0)
    return fail(unavailable("socket"));
  Descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (client.get() < 0 || ::connect(client.get(), any, size) != 0) return fail(unavailable("connection"));
  Descriptor server(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (server.get() < 0) return fail(unavailable("connection"));
  return Connection{std::move(client), std::move(server)};
}

// Every message is small enough to pass at once, so that nothing here waits.
bool exchange_messages(const Connection& connection) {
  std::array<char, kMessageBytes> message{};
  const auto pass = [&](const Descriptor& from, const Descriptor& to) {
    return ::send(from.get(), message.data(), message.size(), MSG_NOSIGNAL) == kMessageBytes &&
           ::recv(to.get(), message.data(), message.size(), MSG_WAITALL) == kMessageBytes;
  };
  for (int i = 0; i < kMessages; ++i) {
    if (!pass(connection.client, connection.server) || !pass(connection.server, connection.client)) return false;
  }
  return true;
}

Nanos thread_cpu() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + Nanos(now.tv_nsec);
}

bool move_to(int cpu) {
  if (cpu < 0 || cpu >= CPU_SETSIZE) {
    errno = EINVAL;
    return false;
  }
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  return ::sched_setaffinity(0, sizeof set, &set) == 0;
}

Result<Nanos> work_here(int cpu) {
  if (!move_to(cpu)) return fail(unavailable("CPU"));
  const auto connection = connect_to_self();
  if (!connection) return fail(connection.error());
  Nanos least = Nanos::max();
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const Nanos begin = thread_cpu();
    if (!exchange_messages(*connection)) return fail(unavailable("connection"));
    least = std::min(least, thread_cpu() - begin);
  }
  return least;
}

}  // namespace

Result<Nanos> control_work(int cpu) {
  std::optional<Result<Nanos>> outcome;
  std::thread([&] { outcome = work_here(cpu); }).join();
  return *outcome;
}

}  // namespace dyno::host
