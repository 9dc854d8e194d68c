#include "fakes/fake_host.h"

#include <algorithm>

namespace dyno::fakes {

model::Topology flat_topology(int cpus) {
  model::Topology topology;
  for (int cpu = 0; cpu < cpus; ++cpu) topology.cpus.push_back({.id = cpu, .core = cpu});
  return topology;
}

Result<Nanos> FakeHost::control_work(int cpu) const {
  if (!control_) return fail(ErrorCode::unsupported, "no control work here");
  return control_(cpu);
}

Status FakeHost::keep_off(const std::vector<int>& cpus) {
  kept_off_.push_back(cpus);
  if (keep_off_error_) return fail(*keep_off_error_);
  return {};
}

Result<std::string> FakeHost::exec_hash() const {
  const std::size_t last = exec_hashes_.size() - 1;
  return exec_hashes_[std::min(hashed_++, last)];
}

}  // namespace dyno::fakes
