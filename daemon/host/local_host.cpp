#include "host/local_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <utility>

#include "base/file.h"
#include "base/sha256.h"
#include "host/affinity.h"
#include "host/control_work.h"
#include "host/host_facts.h"
#include "host/topology.h"

namespace dyno::host {
namespace {

constexpr std::size_t kMostProgramBytes = std::size_t{1} << 30U;

constexpr const char* kRemedy = "build the runners, or set runner_dir";

}  // namespace

LocalHost::LocalHost(const std::string& engine_socket, const std::string& runner_dir)
    : engine_(engine_socket, clock_),
      load_(runner_dir + "/dyno-load", clock_),
      sampler_(clock_),
      exec_path_(runner_dir + "/dyno-exec"),
      allowed_(own_cpus()) {}

Result<std::unique_ptr<LocalHost>> LocalHost::open(const std::string& engine_socket, const std::string& runner_dir) {
  std::unique_ptr<LocalHost> host(new LocalHost(engine_socket, runner_dir));
  if (auto hash = host->exec_hash(); !hash) return fail(std::move(hash.error()));
  const std::string load = runner_dir + "/dyno-load";
  if (!std::filesystem::exists(load))
    return fail(ErrorCode::not_found, fmt::format("{}: {} does not exist", kRemedy, load));
  return host;
}

Result<std::string> LocalHost::exec_hash() const {
  const auto bytes = read_file(exec_path_, kMostProgramBytes);
  if (!bytes) return fail(bytes.error().error(), kRemedy);
  return sha256_hex(*bytes);
}

model::Topology LocalHost::topology() const { return read_topology(allowed_); }

std::vector<model::Fact> LocalHost::facts() const { return read_host_facts(); }

Result<Nanos> LocalHost::control_work(int cpu) const { return host::control_work(cpu); }

std::string LocalHost::boot_id() {
  constexpr std::size_t kMostIdBytes = 100;
  const auto text = read_file("/proc/sys/kernel/random/boot_id", kMostIdBytes);
  return text ? *text : std::string();
}

Nanos LocalHost::own_cpu() const {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + Nanos(time.tv_nsec);
}

Status LocalHost::keep_off(const std::vector<int>& cpus) {
  std::vector<int> left;
  std::copy_if(allowed_.begin(), allowed_.end(), std::back_inserter(left),
               [&](int cpu) { return std::find(cpus.begin(), cpus.end(), cpu) == cpus.end(); });
  auto confined = confine_process(left);
  if (!confined) return fail(std::move(confined.error()), "keeping the daemon off the measured CPUs");
  return {};
}

}  // namespace dyno::host
