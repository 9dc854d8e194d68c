#include "adopt/compose_keys.h"

#include <algorithm>
#include <array>

namespace dyno::adopt {
namespace {

struct Meaning {
  std::string_view key;
  std::string_view words;
};

constexpr std::array kWithoutMeaning{
    Meaning{"privileged", "a measured container is never privileged"},
    Meaning{"network_mode", "each trial has a network of its own; services are found by their names"},
    Meaning{"networks", "there is one network for the app and its services; they are found by their names"},
    Meaning{"profiles", "a stack names the services that it needs"},
    Meaning{"secrets", "not read: give the value by env, or let the run draw one (secrets of a service.yaml)"},
    Meaning{"configs", "not read: COPY the file in the Dockerfile, or copy it into a service by its files"},
    Meaning{"cap_add", "a measured container has no capabilities beyond the engine's least"},
    Meaning{"cap_drop", "all capabilities are dropped already"},
    Meaning{"devices", "no device of the host is given to a container"},
    Meaning{"device_cgroup_rules", "no device of the host is given to a container"},
    Meaning{"gpus", "no device of the host is given to a container"},
    Meaning{"security_opt", "no-new-privileges is always set"},
    Meaning{"pid", "a container has processes of its own"},
    Meaning{"ipc", "a container has memory of its own"},
    Meaning{"uts", "a container has a name of its own"},
    Meaning{"userns_mode", "decided by the engine"},
    Meaning{"cgroup", "decided by the engine"},
    Meaning{"cgroup_parent", "decided by the run, which measures there"},
    Meaning{"sysctls", "kernel settings are the same for all stacks"},
    Meaning{"restart", "a server that ends under measurement is a result"},
    Meaning{"container_name", "the run names its containers"},
    Meaning{"hostname", "the run names its containers"},
    Meaning{"domainname", "the run names its containers"},
    Meaning{"links", "services are found by their names"},
    Meaning{"external_links", "only services of the run can be reached"},
    Meaning{"extra_hosts", "only services of the run can be reached"},
    Meaning{"dns", "only services of the run can be reached"},
    Meaning{"dns_search", "only services of the run can be reached"},
    Meaning{"dns_opt", "only services of the run can be reached"},
    Meaning{"mac_address", "each trial has a network of its own"},
    Meaning{"volumes_from", "containers share no folders"},
    Meaning{"extends", "not followed: write here what the other service says"},
    Meaning{"logging", "output is kept by the run, up to a limit"},
    Meaning{"labels", "the run sets its own"},
    Meaning{"label_file", "the run sets its own"},
    Meaning{"annotations", "the run sets its own"},
    Meaning{"init", "dyno-exec starts the server, and is replaced by it"},
    Meaning{"tty", "there is no terminal"},
    Meaning{"stdin_open", "there is no terminal"},
    Meaning{"working_dir", "the image's WORKDIR is kept: set it in the Dockerfile"},
    Meaning{"platform", "images run on this machine's own platform"},
    Meaning{"runtime", "decided by the engine"},
    Meaning{"isolation", "decided by the engine"},
    Meaning{"scale", "one instance is measured"},
    Meaning{"deploy", "of it only resources.limits.memory and pids are read: one instance is measured"},
    Meaning{"develop", "of no meaning for a measurement"},
    Meaning{"cpus", "the profile places the app on CPUs"},
    Meaning{"cpuset", "the profile places the app on CPUs"},
    Meaning{"cpu_count", "the profile places the app on CPUs"},
    Meaning{"cpu_percent", "the profile places the app on CPUs"},
    Meaning{"cpu_shares", "the profile places the app on CPUs"},
    Meaning{"cpu_quota", "the profile places the app on CPUs"},
    Meaning{"cpu_period", "the profile places the app on CPUs"},
    Meaning{"cpu_rt_runtime", "the profile places the app on CPUs"},
    Meaning{"cpu_rt_period", "the profile places the app on CPUs"},
    Meaning{"mem_reservation", "a limit is set, and no reservation"},
    Meaning{"memswap_limit", "there is no swap"},
    Meaning{"mem_swappiness", "there is no swap"},
    Meaning{"oom_kill_disable", "a server that runs out of memory is a result"},
    Meaning{"oom_score_adj", "a server that runs out of memory is a result"},
    Meaning{"group_add", "groups are the image's"},
    Meaning{"blkio_config", "disks are not limited"},
    Meaning{"storage_opt", "disks are not limited"},
    Meaning{"post_start", "nothing runs between the start and the first request"},
    Meaning{"pre_stop", "nothing runs between the last request and the stop"},
    Meaning{"pull_policy", "an image is taken as it is here, and pulled where it is not"},
    Meaning{"credential_spec", "not read"},
    Meaning{"provider", "not read"},
    Meaning{"models", "not read"},
    Meaning{"attach", "of no meaning for a measurement"},
};

constexpr std::array kBuildWithoutMeaning{
    Meaning{"network", "a build has the package registries, or no network (build.network)"},
    Meaning{"ssh", "keys are not given to a build"},
    Meaning{"secrets", "secrets are not given to a build"},
    Meaning{"cache_from", "the engine's own cache is used"},
    Meaning{"cache_to", "the engine's own cache is used"},
    Meaning{"additional_contexts", "a build has one folder"},
    Meaning{"extra_hosts", "a build has the package registries, or no network (build.network)"},
    Meaning{"isolation", "decided by the engine"},
    Meaning{"privileged", "a build is never privileged"},
    Meaning{"entitlements", "a build is never privileged"},
    Meaning{"labels", "the run sets its own"},
    Meaning{"no_cache", "an image is built once for each content of its folder"},
    Meaning{"pull", "base images are taken as they are here"},
    Meaning{"platforms", "images run on this machine's own platform"},
    Meaning{"shm_size", "decided by the engine"},
    Meaning{"ulimits", "decided by the engine"},
    Meaning{"tags", "the run names its images"},
    Meaning{"provenance", "of no meaning for a measurement"},
    Meaning{"sbom", "of no meaning for a measurement"},
    Meaning{"dockerfile_inline", "not read: write it into a file, and name it by build.dockerfile"},
};

template <std::size_t count>
std::string_view meaning_of(const std::array<Meaning, count>& table, std::string_view key) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Meaning& one) { return one.key == key; });
  return found == table.end() ? std::string_view() : found->words;
}

}  // namespace

std::string_view why_left_out(std::string_view key) { return meaning_of(kWithoutMeaning, key); }

std::string_view why_left_out_of_build(std::string_view key) { return meaning_of(kBuildWithoutMeaning, key); }

}  // namespace dyno::adopt
