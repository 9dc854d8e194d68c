// The floor of an unpipelined generator without io_uring: blocking send and recv over a few connections, nothing parsed, nothing
// recorded. Prints requests a second and CPU-seconds per million.
//   bare_loop PORT CONNECTIONS SECONDS
//   bare_loop              the nanoseconds of a system call that does nothing: two of them a request are what io_uring can save
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double empty_call_ns() {
  constexpr int kCalls = 1'000'000;
  double least = 1e9;
  for (int round = 0; round < 5; ++round) {
    const double begin = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < kCalls; ++i) syscall(SYS_getppid);
    least = std::min(least, (seconds_of(CLOCK_THREAD_CPUTIME_ID) - begin) * 1e9 / kCalls);
  }
  return least;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) {
    std::printf("%.0f\n", empty_call_ns());
    return 0;
  }
  if (argc < 4) return 2;
  constexpr std::string_view kRequest = "GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  std::vector<int> sockets(static_cast<std::size_t>(std::atoi(argv[2])));
  for (int& fd : sockets) {
    fd = socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return 1;
  }
  char buffer[4096];
  std::int64_t done = 0;
  const double begin = seconds_of(CLOCK_MONOTONIC);
  const double cpu_begin = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  const double end = begin + std::atof(argv[3]);
  for (const int fd : sockets) {
    if (send(fd, kRequest.data(), kRequest.size(), 0) < 0) return 1;
  }
  while (seconds_of(CLOCK_MONOTONIC) < end) {
    for (const int fd : sockets) {
      if (recv(fd, buffer, sizeof buffer, 0) <= 0) return 1;
      if (send(fd, kRequest.data(), kRequest.size(), 0) < 0) return 1;
      ++done;
    }
  }
  const double wall = seconds_of(CLOCK_MONOTONIC) - begin;
  const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_begin;
  std::printf("%.1f %.3f\n", static_cast<double>(done) / wall, cpu / static_cast<double>(done) * 1e6);
}
