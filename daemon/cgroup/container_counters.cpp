#include "cgroup/container_counters.h"

#include <fmt/format.h>

#include "cgroup/counter_file.h"

namespace dyno::cgroup {
namespace {

std::optional<CounterFile> open_if_there(const std::string& path, bool writable = false) {
  auto file = CounterFile::open(path, writable);
  return file ? std::optional<CounterFile>(std::move(*file)) : std::nullopt;
}

std::optional<std::int64_t> value_in(const std::optional<CounterFile>& file, CounterBuffer& buffer) {
  if (!file) return std::nullopt;
  const auto text = file->read(buffer);
  return text ? single_value(*text) : std::nullopt;
}

}  // namespace

ContainerCounters::ContainerCounters(Version memory_version, Version cpuacct_version, Version cpu_version,
                                     CounterFile memory_stat, CounterFile usage, CounterFile cpuacct)
    : memory_version_(memory_version),
      cpuacct_version_(cpuacct_version),
      cpu_version_(cpu_version),
      memory_stat_(std::move(memory_stat)),
      usage_(std::move(usage)),
      cpuacct_(std::move(cpuacct)) {}

Result<ContainerCounters> ContainerCounters::open(const Folders& folders, const std::string& root) {
  const std::string memory = root + folders.memory.path;
  const bool memory_v1 = folders.memory.version == Version::v1;
  const bool cpuacct_v1 = folders.cpuacct.version == Version::v1;
  auto memory_stat = CounterFile::open(memory + "/memory.stat");
  if (!memory_stat) return fail(memory_stat.error());
  auto usage = CounterFile::open(memory + (memory_v1 ? "/memory.usage_in_bytes" : "/memory.current"));
  if (!usage) return fail(usage.error());
  auto cpuacct = CounterFile::open(root + folders.cpuacct.path + (cpuacct_v1 ? "/cpuacct.usage" : "/cpu.stat"));
  if (!cpuacct) return fail(cpuacct.error());
  ContainerCounters counters(folders.memory.version, folders.cpuacct.version, folders.cpu.version,
                             std::move(*memory_stat), std::move(*usage), std::move(*cpuacct));
  if (memory_v1) counters.kernel_ = open_if_there(memory + "/memory.kmem.usage_in_bytes");
  counters.throttling_ = open_if_there(root + folders.cpu.path + "/cpu.stat");
  const std::string peak = memory + (memory_v1 ? "/memory.max_usage_in_bytes" : "/memory.peak");
  counters.peak_ = open_if_there(peak, true);
  counters.peak_writable_ = counters.peak_.has_value();
  if (!counters.peak_) counters.peak_ = open_if_there(peak);
  counters.oom_ = open_if_there(memory + (memory_v1 ? "/memory.oom_control" : "/memory.events"));
  if (folders.pids) {
    const std::string pids = root + folders.pids->path;
    counters.pids_now_ = open_if_there(pids + "/pids.current");
    counters.pids_limit_ = open_if_there(pids + "/pids.max");
    counters.pids_events_ = open_if_there(pids + "/pids.events");
  }
  // What every sample carries must be there from the start: a sampler that lost it later would have to invent a 0.
  if (const auto read = counters.read_cpu(); !read) return fail(read.error());
  if (const auto read = counters.read_memory(); !read) return fail(read.error());
  return counters;
}

Result<CpuCounters> ContainerCounters::read_cpu() const {
  CounterBuffer buffer;
  CpuCounters counters;
  const auto text = cpuacct_.read(buffer);
  if (!text) return fail(text.error());
  if (cpuacct_version_ == Version::v1) {
    const auto ns = single_value(*text);
    if (!ns) return fail(ErrorCode::unsupported, "cpuacct.usage has no CPU time");
    counters.cpu = Nanos(*ns);
  } else {
    const auto us = keyed_value(*text, "usage_usec");
    if (!us) return fail(ErrorCode::unsupported, "cpu.stat has no CPU time");
    counters.cpu = std::chrono::microseconds(*us);
  }
  if (!throttling_) return counters;
  const auto throttling = throttling_->read(buffer);
  if (!throttling) return fail(throttling.error());
  counters.throttled_periods = keyed_value(*throttling, "nr_throttled").value_or(0);
  counters.throttled = cpu_version_ == Version::v1
                           ? Nanos(keyed_value(*throttling, "throttled_time").value_or(0))
                           : Nanos(std::chrono::microseconds(keyed_value(*throttling, "throttled_usec").value_or(0)));
  return counters;
}

Result<MemoryCounters> ContainerCounters::read_memory() const {
  CounterBuffer buffer;
  const bool v1 = memory_version_ == Version::v1;
  const auto usage_text = usage_.read(buffer);
  if (!usage_text) return fail(usage_text.error());
  const auto usage = single_value(*usage_text);
  const auto kernel = value_in(kernel_, buffer);
  const auto stat = memory_stat_.read(buffer);
  if (!stat) return fail(stat.error());
  const auto own = v1 ? private_bytes_v1(*stat, kernel) : private_bytes_v2(*stat);
  const auto docker = docker_equivalent(usage, keyed_value(*stat, v1 ? "total_inactive_file" : "inactive_file"));
  if (!own || !docker)
    return fail(ErrorCode::unsupported,
                "the kernel does not report anon, shmem, kernel or inactive_file memory of the cgroup");
  return MemoryCounters{*own, *docker};
}

std::optional<Bytes> ContainerCounters::read_peak() const {
  CounterBuffer buffer;
  const auto peak = value_in(peak_, buffer);
  return peak ? std::optional<Bytes>(Bytes{*peak}) : std::nullopt;
}

Status ContainerCounters::reset_peak() const {
  // v1: any write resets. v2: from Linux 6.12 on a write resets for reads by the same descriptor, which is the one we keep.
  if (!peak_ || !peak_writable_) return fail(ErrorCode::unsupported, "this kernel cannot reset the memory peak");
  if (auto written = peak_->write("0"); !written) {
    if (written.error().code == ErrorCode::not_found) return written;
    return fail(ErrorCode::unsupported, "this kernel cannot reset the memory peak");
  }
  return {};
}

std::optional<std::int64_t> ContainerCounters::oom_kills() const {
  CounterBuffer buffer;
  if (!oom_) return std::nullopt;
  const auto text = oom_->read(buffer);
  return text ? keyed_value(*text, "oom_kill") : std::nullopt;
}

std::optional<ports::PidsReading> ContainerCounters::pids() const {
  CounterBuffer buffer;
  const auto now = value_in(pids_now_, buffer);
  if (!now) return std::nullopt;
  ports::PidsReading reading;
  reading.now = *now;
  reading.limit = value_in(pids_limit_, buffer);  // "max" is no number
  if (!pids_events_) return reading;
  if (const auto events = pids_events_->read(buffer)) reading.refused = keyed_value(*events, "max");
  return reading;
}

}  // namespace dyno::cgroup
