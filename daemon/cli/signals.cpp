#include "cli/signals.h"

#include <csignal>

namespace dyno::cli {
namespace {

// A signal handler can reach nothing else.
volatile std::sig_atomic_t interrupts_seen = 0;
volatile std::sig_atomic_t terminate_seen = 0;

void on_signal(int number) {
  if (number == SIGINT) interrupts_seen = interrupts_seen + 1;
  if (number == SIGTERM) terminate_seen = 1;
}

}  // namespace

Signals::Signals() {
  struct sigaction action {};
  action.sa_handler = &on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int Signals::interrupts() { return interrupts_seen; }
bool Signals::terminated() { return terminate_seen != 0; }

}  // namespace dyno::cli
