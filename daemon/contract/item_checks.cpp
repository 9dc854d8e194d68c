// items and cpu: answers worked out from the request by a formula.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "contract/formulas.h"
#include "contract/workload_checks.h"

namespace dyno::contract {
namespace {

ExpectedAnswer refused(const std::string& target) {
  return json_answer("GET " + target, R"({"error":"Bad request"})", 400);
}

Check items_of(const Asking& asking, std::string_view written, std::int64_t count, std::int64_t m) {
  const std::string target = fmt::format("/items/{}?m={}", written, m);
  const std::string shown = fmt::format("GET /items/{:.20}?m={}", written, m);
  return ask(asking, "items: by value", get(target), json_answer(shown, items_json(count, m)));
}

Check computed(const Asking& asking, std::string_view kind, std::int64_t n, std::string_view suffix) {
  const std::string target = fmt::format("/cpu?kind={}&n={}{}", kind, n, suffix);
  const std::string result = kind == "hash" ? hash_chain(n) : std::to_string(primes_up_to(n));
  return ask(asking, fmt::format("cpu: {} by value", kind), get(target),
             json_answer("GET " + target, fmt::format(R"({{"kind":"{}","n":{},"result":"{}"}})", kind, n, result)));
}

}  // namespace

std::vector<Check> items_checks(Asking& asking) {
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
    checks.push_back(ask(asking, "items: refuses a bad m", get(target), refused(target)));
  }
  std::vector<Request> requests;
  std::vector<ExpectedAnswer> expected;
  for (int i = 0; i < kAtOnce; ++i) {
    const std::int64_t items = 1 + i % 50;
    const std::int64_t m = between(1, 9);
    requests.push_back(get(fmt::format("/items/{}?m={}", items, m)));
    expected.push_back(json_answer("GET " + requests.back().target, items_json(items, m)));
  }
  checks.push_back(all_at_once(asking, "items", requests, std::move(expected)));
  const std::string target = fmt::format("/items/{}?m=3", count);
  append(checks, transport_checks(asking, "items", target, json_answer("GET " + target, items_json(count, 3))));
  return checks;
}

std::vector<Check> cpu_checks(Asking& asking, bool offload) {
  const std::string_view suffix = offload ? "&offload=1" : "";
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
    checks.push_back(ask(asking, "cpu: refuses bad input", get(target), refused(target)));
  }
  return checks;
}

}  // namespace dyno::contract
