#include "runners/load/stop_signals.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace dyno::loadgen {
namespace {

// A handler has nowhere else to leave its word.
std::atomic<int> caught{0};
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int number) {
  if (caught.exchange(number) != 0) ::_exit(128 + number);
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

int stop_signal() { return caught.load(); }

}  // namespace dyno::loadgen
