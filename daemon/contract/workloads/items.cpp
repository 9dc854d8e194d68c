// items: a list of objects worked out from the request, which makes the JSON library decide.
#include <fmt/format.h>

#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

Check items_of(const Asking& asking, std::string_view written, std::int64_t count, std::int64_t m) {
  const std::string target = fmt::format("/items/{}?m={}", written, m);
  const std::string shown = fmt::format("GET /items/{:.20}?m={}", written, m);
  return ask(asking, "items: by value", get(target), json_answer(shown, items_json(count, m)));
}

Check items_at_once(Asking& asking) {
  std::vector<Request> requests;
  std::vector<ExpectedAnswer> expected;
  for (int i = 0; i < kAtOnce; ++i) {
    const std::int64_t items = 1 + i % 50;
    const std::int64_t m = asking.draw.between(1, 9);
    requests.push_back(get(fmt::format("/items/{}?m={}", items, m)));
    expected.push_back(json_answer("GET " + requests.back().target, items_json(items, m)));
  }
  return all_at_once(asking, "items", requests, std::move(expected));
}

std::vector<Check> checks_for(Asking& asking) {
  std::vector<Check> checks;
  const auto between = [&](std::int64_t low, std::int64_t high) { return asking.draw.between(low, high); };
  const std::int64_t count = between(2, 49);
  checks.push_back(items_of(asking, std::to_string(count), count, between(1, 9)));
  if (asking.depth == Depth::quick) return checks;
  for (const auto& [written, clamped] : {std::pair<std::string, int>("1", 1),
                                         {"50", 50},
                                         {"0", 1},
                                         {"-1", 1},
                                         {"51", 50},
                                         {"2147483648", 50},
                                         {std::string(5000, '9'), 50}}) {
    checks.push_back(items_of(asking, written, clamped, between(1, 9)));
  }
  for (const std::string_view query :
       {"?m=0", "?m=10", "?m=abc", "?m=1.5", "?m=-1", "?m=%00", "?m=", "?m=2147483648", ""}) {
    const std::string target = fmt::format("/items/5{}", query);
    checks.push_back(ask(asking, "items: refuses a bad m", get(target), bad_request("GET " + target)));
  }
  checks.push_back(items_at_once(asking));
  const std::string target = fmt::format("/items/{}?m=3", count);
  append(checks, transport_checks(asking, "items", target, json_answer("GET " + target, items_json(count, 3))));
  return checks;
}

std::vector<ports::RequestTemplate> load_of(const Setting& setting, const RightBodies&) {
  return {load_get(fmt::format("/items/{}?m={{1..9}}", setting["count"]))};
}

}  // namespace

Workload items_workload() {
  return {.name = "items",
          .params = {{.name = "count", .least = 1, .most = 50, .fallback = 25}},
          .checks = checks_for,
          .requests = load_of};
}

}  // namespace dyno::contract
