#include "run/environment.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quantity.h"
#include "base/sha256.h"
#include "base/text.h"
#include "run/gates.h"

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
  if (engine.clock_ahead != Nanos{}) {
    add("engine_clock",
        fmt::format("{} {}", format_span(std::chrono::abs(engine.clock_ahead)),
                    engine.clock_ahead > Nanos{} ? "ahead" : "behind"),
        false);
  }
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
  GateList gates;
  gates.check(GateName::co_located, placement.co_located ? 1 : 0,
              "The daemon and Docker share the CPUs of the load generator");
  const std::string governor = value_of(environment, "governor");
  gates.check(GateName::governor, !governor.empty() && governor != "performance" ? 1 : 0,
              fmt::format("The CPU frequency governor is {}; with performance results are steadier", governor));
  if (const auto load = parse_double(value_of(environment, "load_average_1min"))) {
    gates.check(GateName::load, *load,
                fmt::format("The load average was {:.2f} before the run; other work disturbs the numbers", *load));
  }
  if (const std::string apart = value_of(environment, "engine_clock"); !apart.empty()) {
    gates.say(GateName::clock, model::Validity::degraded,
              fmt::format("Docker's clock is {}{}. No duration depends on it.", apart,
                          apart.ends_with("ahead") ? " of the daemon's" : " the daemon's"));
  }
  gates.check(GateName::swap, value_of(environment, "swap_used") == "yes" ? 1 : 0, "Swap is in use");
  gates.check(GateName::smt, placement.app_shares_core ? 1 : 0,
              "The app and the load generator share a physical core (hyper-threading)");
  gates.check(GateName::numa, placement.app_nodes > 1 ? 1 : 0,
              fmt::format("The app's CPUs span {} NUMA nodes, so part of its memory is remote", placement.app_nodes));
  return std::move(gates).take();
}

}  // namespace dyno::run
