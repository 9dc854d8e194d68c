// An open file of the kernel that is read again and again from its beginning without being opened again. Reads may overlap: they
// share only the descriptor.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "base/units.h"

namespace dyno::cgroup {

// Large enough for any file that is read by a CounterFile; smaps_rollup and memory.stat stay below 4 KiB.
using CounterBuffer = std::array<char, 16384>;

// Enough for the lists that are read once: mountinfo of a host with thousands of mounts.
constexpr std::size_t kLongestText = std::size_t{4} << 20U;

class CounterFile {
 public:
  static Result<CounterFile> open(const std::string& path, bool writable = false);

  // The whole text, in `buffer`; for files that the kernel makes in one piece, not for lists such as cgroup.procs.
  // not_found once the cgroup or process is gone.
  Result<std::string_view> read(CounterBuffer& buffer) const;
  // As much of the beginning as fits.
  Result<std::string_view> read_begin(std::span<char> buffer) const;
  Status write(std::string_view text) const;

 private:
  CounterFile(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Descriptor file_;
  std::string path_;
};

// The numbers in the text of cgroup and /proc files. A number that is not there is absent, never 0. Pure, allocates nothing.

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
// Of /proc/stat, in ticks of 1/`ticks_per_s`. `cpus`: whose stolen time it is; none: of all.
std::optional<HostCpu> host_cpu_of(std::string_view proc_stat, std::int64_t ticks_per_s, const std::vector<int>& cpus);

// anon + shmem + kernel of a v2 memory.stat. Kernels before 5.18 have no sum of kernel memory: its parts are added instead.
std::optional<Bytes> private_bytes_v2(std::string_view memory_stat);
// The same of a v1 memory.stat; there the kernel's own memory is in another file.
std::optional<Bytes> private_bytes_v1(std::string_view memory_stat, std::optional<std::int64_t> kernel);

// usage − inactive file pages, not below 0: what `docker stats` prints.
std::optional<Bytes> docker_equivalent(std::optional<std::int64_t> usage, std::optional<std::int64_t> inactive_file);

}  // namespace dyno::cgroup
