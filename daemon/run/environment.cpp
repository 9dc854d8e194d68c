#include "run/environment.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sha256.h"
#include "base/text.h"

namespace dyno::run {
namespace {

// "20.10.24+dfsg1" → "20.10": patch releases do not start a new series.
std::string major_minor(std::string_view version) {
  const std::size_t first = version.find_first_of("0123456789");
  if (first == std::string_view::npos) return std::string(version);
  const auto parts = split(version.substr(first), '.');
  return parts.size() < 2 ? std::string(version) : fmt::format("{}.{}", parts[0], parts[1]);
}

std::string value_of(const model::Environment& environment, std::string_view name) {
  const auto found = std::find_if(environment.facts.begin(), environment.facts.end(),
                                  [&](const model::Fact& f) { return f.name == name; });
  return found == environment.facts.end() ? std::string() : found->value;
}

}  // namespace

model::Environment describe_environment(const ports::EngineDescription& engine, std::vector<model::Fact> host,
                                        const model::Placement& placement) {
  model::Environment environment;
  environment.facts = std::move(host);
  auto add = [&](const char* name, std::string value, bool in_key) {
    environment.facts.push_back({name, std::move(value), in_key});
  };
  add("engine", engine.engine, false);
  add("engine_release", major_minor(engine.engine), true);
  add("engine_api", engine.api_version, false);
  add("kernel", engine.kernel, false);
  add("kernel_release", major_minor(engine.kernel), true);
  add("operating_system", engine.operating_system, false);
  add("storage_driver", engine.storage_driver, true);
  add("cgroup_version", engine.cgroup_version, true);
  add("app_cpus", model::cpu_list(placement.app_cpus), true);
  add("load_cpus", model::cpu_list(placement.load_cpus), true);
  add("network_path", "sandbox namespace, own address", true);
  std::string content;
  for (const auto& fact : environment.facts) {
    if (fact.in_key) content += fmt::format("{}={}\n", fact.name, fact.value);
  }
  environment.key = "e1:" + sha256_hex(content).substr(0, 16);
  return environment;
}

using model::GateName;

std::vector<model::GateResult> preflight(const model::Environment& environment, const model::Placement& placement) {
  std::vector<model::GateResult> warnings;
  auto warn = [&](model::GateName gate, std::string text) {
    warnings.push_back({gate, model::Validity::degraded, std::move(text)});
  };
  if (placement.co_located) warn(GateName::co_located, "the daemon, Docker and the load generator share one CPU");
  const std::string governor = value_of(environment, "governor");
  if (!governor.empty() && governor != "performance")
    warn(GateName::governor,
         fmt::format("the CPU frequency governor is {}; with performance results are steadier", governor));
  if (const auto load = parse_double(value_of(environment, "load_average_1min")); load && *load > 0.5) {
    warn(GateName::load,
         fmt::format("the load average was {:.2f} before the run; other work disturbs the numbers", *load));
  }
  if (value_of(environment, "swap_used") == "yes") warn(GateName::swap, "swap is in use");
  if (placement.app_shares_core)
    warn(GateName::smt, "the app and the load generator share a physical core (hyper-threading)");
  if (placement.app_nodes > 1)
    warn(GateName::numa,
         fmt::format("the app's CPUs span {} NUMA nodes, so part of its memory is remote", placement.app_nodes));
  return warnings;
}

}  // namespace dyno::run
