#include "cgroup/process_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "base/text.h"
#include "cgroup/counter_file.h"

namespace dyno::cgroup {
namespace {

std::string rollup_path(const std::string& proc, std::int64_t pid) {
  return fmt::format("{}/{}/smaps_rollup", proc, pid);
}

}  // namespace

Result<std::vector<std::int64_t>> pids_in(const std::string& cgroup_folder) {
  const auto text = read_file(cgroup_folder + "/cgroup.procs", kLongestText);
  if (!text) return fail(text.error().error());
  std::vector<std::int64_t> pids;
  for (const std::string_view line : split(*text, '\n')) {
    if (line.empty()) continue;
    const auto pid = single_value(line);
    if (!pid || *pid == 0) return fail(ErrorCode::unsupported, "a process of the cgroup is outside this PID namespace");
    pids.push_back(*pid);
  }
  return pids;
}

Result<Bytes> pss_sum(const std::string& proc, const std::vector<std::int64_t>& pids) {
  Bytes total;
  CounterBuffer buffer;
  for (const std::int64_t pid : pids) {
    const auto file = CounterFile::open(rollup_path(proc, pid));
    if (!file && file.error().code == ErrorCode::not_found) continue;  // it ended
    if (!file) return fail(ErrorCode::unsupported, "PSS unavailable: no right to trace the container's processes");
    const auto text = file->read(buffer);
    if (!text && text.error().code == ErrorCode::not_found) continue;
    if (!text) return fail(text.error());
    if (text->empty()) continue;  // a zombie has no memory
    const auto pss = pss_of(*text);
    if (!pss) return fail(ErrorCode::unsupported, "PSS unavailable: smaps_rollup does not have it");
    total.value += pss->value;
  }
  return total;
}

bool may_read_pss(const std::string& proc, std::int64_t pid) {
  return CounterFile::open(rollup_path(proc, pid)).has_value();
}

Result<std::vector<std::pair<std::int64_t, Nanos>>> thread_cpu(const std::string& proc,
                                                               const std::vector<std::int64_t>& pids) {
  std::vector<std::pair<std::int64_t, Nanos>> threads;
  CounterBuffer buffer;
  for (const std::int64_t pid : pids) {
    std::error_code error;
    std::filesystem::directory_iterator tasks(fmt::format("{}/{}/task", proc, pid), error);
    for (; !error && tasks != std::filesystem::directory_iterator(); tasks.increment(error)) {
      const auto thread = parse_int(tasks->path().filename().string());
      const auto file = CounterFile::open(tasks->path().string() + "/schedstat");
      if (!thread || (!file && file.error().code == ErrorCode::not_found)) continue;
      if (!file) return fail(file.error());
      const auto text = file->read(buffer);
      if (!text && text.error().code == ErrorCode::not_found) continue;
      if (!text) return fail(text.error());
      const auto cpu = cpu_time_of(*text);
      if (!cpu) return fail(ErrorCode::unsupported, "this kernel keeps no schedstat");
      threads.emplace_back(*thread, *cpu);
    }
  }
  if (threads.empty()) return fail(ErrorCode::not_found, "the container has no threads left");
  return threads;
}

}  // namespace dyno::cgroup
