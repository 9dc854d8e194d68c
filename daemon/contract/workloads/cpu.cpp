// cpu and cpu_offload: work of a known size, on the path of the request or off the event loop.
#include <fmt/format.h>

#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

Check computed(const Asking& asking, std::string_view kind, std::int64_t n, std::string_view suffix) {
  const std::string target = fmt::format("/cpu?kind={}&n={}{}", kind, n, suffix);
  const std::string result = kind == "hash" ? hash_chain(n) : std::to_string(primes_up_to(n));
  return ask(asking, fmt::format("cpu: {} by value", kind), get(target),
             json_answer("GET " + target, fmt::format(R"({{"kind":"{}","n":{},"result":"{}"}})", kind, n, result)));
}

std::vector<Check> checks_for(Asking& asking, std::string_view suffix) {
  std::vector<Check> checks;
  checks.push_back(computed(asking, "hash", asking.draw.between(2, 200), suffix));
  checks.push_back(computed(asking, "sieve", asking.draw.between(100, 20000), suffix));
  if (asking.depth == Depth::quick) return checks;
  checks.push_back(computed(asking, "hash", 1, suffix));
  for (const std::int64_t n : {1, 2, 4, 9, 121}) checks.push_back(computed(asking, "sieve", n, suffix));
  for (const std::string_view query :
       {"kind=hash&n=0", "kind=hash&n=-1", "kind=hash&n=abc", "kind=sieve&n=1.5", "kind=sieve&n=10000001",
        "kind=hash&n=2147483648", "kind=hash&n=%00", "kind=hash&n=", "kind=hash", "kind=other&n=1", "n=1"}) {
    const std::string target = fmt::format("/cpu?{}{}", query, suffix);
    checks.push_back(ask(asking, "cpu: refuses bad input", get(target), bad_request("GET " + target)));
  }
  return checks;
}

// `hash: 10000` or `sieve: 1000000`.
std::vector<ports::RequestTemplate> load_of(const Setting& setting, std::string_view suffix) {
  const std::string kind = setting.params.contains("sieve") ? "sieve" : "hash";
  return {load_get(fmt::format("/cpu?kind={}&n={}{}", kind, setting[kind], suffix))};
}

Workload work(std::string name, std::string_view suffix) {
  return {.name = std::move(name),
          .params = {{.name = "hash", .least = 1, .most = 10'000'000, .fallback = 10'000},
                     {.name = "sieve", .least = 1, .most = 10'000'000, .instead_of = "hash"}},
          .checks = [suffix](Asking& asking) { return checks_for(asking, suffix); },
          .requests = [suffix](const Setting& setting, const RightBodies&) { return load_of(setting, suffix); }};
}

}  // namespace

Workload cpu_workload() { return work("cpu", ""); }

Workload cpu_offload_workload() { return work("cpu_offload", "&offload=1"); }

}  // namespace dyno::contract
