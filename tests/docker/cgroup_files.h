// The files of a container's cgroup, read by other code than the sampler's, for tests that compare. On v1 and on v2. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace dyno::tests {

// The folder of a process in a hierarchy of v1 (`controller`), or in v2 where it has none of that name.
std::string cgroup_folder(std::int64_t pid, const std::string& controller);

// A file of one number under "", one of "key value" lines by key. Empty where it cannot be read.
std::map<std::string, std::int64_t> numbers_in(const std::string& path);

// What the cgroup of a process says at one moment, in bytes and nanoseconds.
struct CgroupFigures {
  bool is_v1 = false;
  std::int64_t private_bytes = 0;
  std::int64_t docker_equivalent = 0;
  std::int64_t peak = 0;
  std::int64_t cpu_ns = 0;
};
CgroupFigures cgroup_figures(std::int64_t pid);

}  // namespace dyno::tests
