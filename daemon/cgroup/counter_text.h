// The numbers in the text of cgroup and /proc files. A number that is not there is absent, never 0. Pure, allocates nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/units.h"

namespace dyno::cgroup {

// The whole text as one number, with or without a line end.
std::optional<std::int64_t> single_value(std::string_view text);

// The number after `key` in lines "key value" (memory.stat, cpu.stat, memory.events).
std::optional<std::int64_t> keyed_value(std::string_view text, std::string_view key);

// "Pss:  123 kB" of smaps_rollup.
std::optional<Bytes> pss_of(std::string_view smaps_rollup);

// Time on a CPU, the first field of schedstat.
std::optional<Nanos> cpu_time_of(std::string_view schedstat);

struct HostCpu {
  Nanos busy{};  // user, nice, system, irq, softirq of all CPUs; guests are part of user
  Nanos steal{};
};
// The first line of /proc/stat, in ticks of 1/`ticks_per_s`.
std::optional<HostCpu> host_cpu_of(std::string_view proc_stat, std::int64_t ticks_per_s);

// anon + shmem + kernel of a v2 memory.stat. Kernels before 5.18 have no sum of kernel memory: its parts are added instead.
std::optional<Bytes> private_bytes_v2(std::string_view memory_stat);
// The same of a v1 memory.stat, to which the kernel's own memory comes from a file beside it.
std::optional<Bytes> private_bytes_v1(std::string_view memory_stat, std::optional<std::int64_t> kernel);

// usage − inactive file pages, not below 0: what `docker stats` prints.
std::optional<Bytes> docker_equivalent(std::optional<std::int64_t> usage, std::optional<std::int64_t> inactive_file);

}  // namespace dyno::cgroup
