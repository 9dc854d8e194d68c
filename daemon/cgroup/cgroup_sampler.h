// The Sampler that reads the kernel's files: cgroup v1, v2 or hybrid, and /proc. It never asks the engine. Thread-safe; each
// Sampling runs one thread that reads at fixed instants, so that a late reading shifts none after it.
#pragma once

#include <string>

#include "base/clock.h"
#include "ports/sampler.h"

namespace dyno::cgroup {

class CgroupSampler final : public ports::Sampler {
 public:
  // `root` stands before every path: a recorded tree, or the host's root seen from inside a container. Empty: this host.
  explicit CgroupSampler(Clock& clock, std::string root = {}) : clock_(clock), root_(std::move(root)) {}

  Result<std::unique_ptr<ports::Sampling>> start(std::int64_t pid, Nanos period) override;
  Result<ports::HostReading> read_host(const std::vector<int>& cpus) override;
  Result<std::vector<ports::Listener>> listeners(std::int64_t pid) override;

 private:
  Clock& clock_;
  const std::string root_;
};

}  // namespace dyno::cgroup
