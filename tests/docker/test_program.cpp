// The only file of the images that tests make: a static program that does one known thing, then waits for SIGTERM.
//   pause            nothing                        deaf            the same, but ignores SIGTERM
//   exit N           ends at once with code N       say OUT ERR     writes a line to stdout and one to stderr, ends with 3;
//                                                  with a number behind it: after so many lines "noise"
//   hold MIB         touches so much memory         file MIB        writes so much into /tmp
//   burn MS          uses so much CPU time at each  threads N MS    N threads beside the first, each using MS
//                    SIGUSR1, then says "burned"
//   fork             forks until it may not  listen PORT     listens there on all addresses
//   flood KIB        writes so much in lines of 64 bytes
// Says "ready" on stdout once the thing is done.
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

namespace {

// In one piece: the engine reads stdout and stderr beside each other, and would put the one between a line and its end.
void say(int descriptor, const char* text) {
  char end = '\n';
  const iovec line[] = {{const_cast<char*>(text), strlen(text)}, {&end, 1}};
  if (writev(descriptor, line, 2) < 0) _exit(9);
}

int wait_for_end() {
  say(STDOUT_FILENO, "ready");
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  int signal = 0;
  sigwait(&set, &signal);
  return 0;
}

int deaf() {
  signal(SIGTERM, SIG_IGN);
  say(STDOUT_FILENO, "ready");
  for (;;) pause();
}

int hold(long mib) {
  const size_t size = static_cast<size_t>(mib) << 20U;
  void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 8;
  memset(memory, 1, size);
  return wait_for_end();
}

int file(long mib) {
  FILE* const out = fopen("/tmp/filled", "w");
  if (out == nullptr) return 7;
  static char block[1 << 20];
  for (long i = 0; i < mib; ++i) {
    if (fwrite(block, sizeof block, 1, out) != 1) return 6;
  }
  fclose(out);
  return wait_for_end();
}

long long thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

void burn_here(long ms) {
  const long long end = thread_cpu_ns() + ms * 1'000'000LL;
  while (thread_cpu_ns() < end) {
  }
}

int burn_when_told(long ms) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  say(STDOUT_FILENO, "ready");
  for (int signal = 0; sigwait(&set, &signal) == 0 && signal == SIGUSR1;) {
    burn_here(ms);
    say(STDOUT_FILENO, "burned");
  }
  return 0;
}

void* burn_thread(void* ms) {
  burn_here(*static_cast<long*>(ms));
  pause();
  return nullptr;
}

int threads(long count, long ms) {
  for (long i = 0; i < count; ++i) {
    pthread_t thread{};
    if (pthread_create(&thread, nullptr, &burn_thread, &ms) != 0) return 5;
  }
  burn_here(ms);
  return wait_for_end();
}

int fork_all() {
  for (;;) {
    const pid_t child = fork();
    if (child < 0) return wait_for_end();
    if (child == 0) pause();
  }
}

int listen_at(long port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 1) != 0) return 4;
  return wait_for_end();
}

int flood(long kib) {
  static char line[64];
  memset(line, 'x', sizeof line - 1);
  for (long i = 0; i < kib * 16; ++i) say(STDOUT_FILENO, line);
  return wait_for_end();
}

}  // namespace

int main(int argc, char** argv) {
  const auto is = [&](const char* mode, int arguments) { return argc == arguments + 2 && strcmp(argv[1], mode) == 0; };
  const auto number = [&](int at) { return strtol(argv[at], nullptr, 10); };
  // Process 1 has no default handlers: blocked from the start, no SIGTERM is lost.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  if (is("pause", 0)) return wait_for_end();
  if (is("deaf", 0)) return deaf();
  if (is("exit", 1)) return static_cast<int>(number(2));
  if (is("say", 2) || is("say", 3)) {
    say(STDOUT_FILENO, argv[2]);
    say(STDERR_FILENO, argv[3]);
    for (long i = 0; argc > 4 && i < number(4); ++i) say(STDERR_FILENO, "noise");  // behind it, in one pipe
    return 3;
  }
  if (is("hold", 1)) return hold(number(2));
  if (is("file", 1)) return file(number(2));
  if (is("burn", 1)) return burn_when_told(number(2));
  if (is("threads", 2)) return threads(number(2), number(3));
  if (is("fork", 0)) return fork_all();
  if (is("listen", 1)) return listen_at(number(2));
  if (is("flood", 1)) return flood(number(2));
  return 64;
}
