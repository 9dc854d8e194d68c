#include "runners/load/place.h"

#include <algorithm>
#include <cerrno>
#include <limits>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/file.h"

namespace dyno::loadgen {

Status enter_network_namespace(const std::string& path) {
  if (path.empty()) return {};
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return fail(error_from_errno("opening the network namespace " + path, errno));
  if (setns(file.get(), CLONE_NEWNET) != 0)
    return fail(error_from_errno("entering the network namespace " + path, errno));
  return {};
}

Status pin_to_cpus(const std::vector<int>& cpus) {
  if (cpus.empty()) return {};
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
  // The kernel would silently leave out what it does not have; a list we cannot have whole is an error.
  cpu_set_t got;
  const bool good = sched_setaffinity(0, sizeof set, &set) == 0 && sched_getaffinity(0, sizeof got, &got) == 0;
  if (!good) return fail(error_from_errno(fmt::format("pinning to CPU {}", fmt::join(cpus, ",")), errno));
  if (!CPU_EQUAL(&set, &got))
    return fail(ErrorCode::unsupported, fmt::format("pinning to CPU {}: not all of them exist", fmt::join(cpus, ",")));
  return {};
}

void sharpen_timers() { prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

void own_descriptors(std::vector<int> keep) {
#ifdef __SANITIZE_THREAD__
  return;  // it takes equal numbers in two tables for the same file
#endif
  if (unshare(CLONE_FILES) != 0) return;
  // Copies of what others hold open would keep it open after they have closed it.
  keep.insert(keep.end(), {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO});
  std::sort(keep.begin(), keep.end());
  unsigned from = 0;
  for (const int fd : keep) {
    if (fd < 0) continue;
    const auto kept = static_cast<unsigned>(fd);
    if (from < kept) close_range(from, kept - 1, 0);
    from = kept + 1;
  }
  close_range(from, std::numeric_limits<unsigned>::max(), 0);
}

Status allow_descriptors(std::uint64_t count) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return fail(error_from_errno("getrlimit", errno));
  if (limit.rlim_cur >= count) return {};
  rlimit raised{count, std::max<rlim_t>(limit.rlim_max, count)};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return {};
  return fail(ErrorCode::exhausted,
              fmt::format("{} descriptors are needed and the limit is {}", count, limit.rlim_max));
}

}  // namespace dyno::loadgen
