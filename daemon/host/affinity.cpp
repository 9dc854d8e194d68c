#include "host/affinity.h"

#include <fmt/format.h>
#include <sched.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/text.h"

namespace dyno::host {
namespace {

namespace fs = std::filesystem;

// A thread that is not yet moved may start another while we look; a process that goes on doing so is not waited for.
constexpr int kMostPasses = 20;

// A fixed set has room for 1024 CPUs: more than Linux is usually built for, and than a set-up of containers has had so far.
bool holds(int cpu) { return cpu >= 0 && cpu < CPU_SETSIZE; }

std::vector<pid_t> numbers_in(const std::string& folder) {
  std::vector<pid_t> numbers;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (const auto number = parse_int(entry->path().filename().string()))
      numbers.push_back(static_cast<pid_t>(*number));
  }
  return numbers;
}

std::vector<pid_t> children_of(pid_t thread) {
  std::vector<pid_t> children;
  std::ifstream in(fmt::format("/proc/self/task/{}/children", thread));
  for (pid_t child = 0; in >> child;) children.push_back(child);
  return children;
}

// True when it was elsewhere before. A thread that ended meanwhile needs no move.
Result<bool> move_thread(pid_t thread, const cpu_set_t& wanted, bool keep_narrower) {
  cpu_set_t now;
  if (sched_getaffinity(thread, sizeof now, &now) != 0) return false;
  cpu_set_t target = wanted;
  if (keep_narrower) {
    CPU_AND(&target, &now, &wanted);
    if (CPU_COUNT(&target) == 0) target = wanted;
  }
  if (CPU_EQUAL(&now, &target)) return false;
  if (sched_setaffinity(thread, sizeof target, &target) == 0) return true;
  if (errno == ESRCH) return false;
  return fail(error_from_errno(fmt::format("moving thread {} to other CPUs", thread), errno));
}

// Whether any thread had to be moved.
Result<bool> move_all(const cpu_set_t& wanted) {
  bool moved = false;
  for (const pid_t thread : numbers_in("/proc/self/task")) {
    auto own = move_thread(thread, wanted, false);
    if (!own) return own;
    moved = moved || *own;
    for (const pid_t child : children_of(thread)) {
      for (const pid_t theirs : numbers_in(fmt::format("/proc/{}/task", child))) {
        const auto done = move_thread(theirs, wanted, true);
        // Of a program that is no longer ours to move, such as one that changed its user, its own end is waited for.
        moved = moved || (done && *done);
      }
    }
  }
  return moved;
}

}  // namespace

std::vector<int> own_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) cpus.push_back(cpu);
  }
  return cpus;
}

Status confine_process(const std::vector<int>& cpus) {
  cpu_set_t wanted;
  CPU_ZERO(&wanted);
  for (const int cpu : cpus) {
    if (holds(cpu)) CPU_SET(static_cast<std::size_t>(cpu), &wanted);
  }
  if (CPU_COUNT(&wanted) == 0) return fail(ErrorCode::invalid_argument, "no CPU is left for the daemon");
  for (int pass = 0; pass < kMostPasses; ++pass) {
    const auto moved = move_all(wanted);
    if (!moved) return fail(moved.error());
    if (!*moved) return {};
  }
  return fail(ErrorCode::exhausted, "threads keep being started on other CPUs");
}

}  // namespace dyno::host
