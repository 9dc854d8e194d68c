#include "contract/verification.h"

#include <fmt/format.h>

#include <chrono>

#include "contract/workload_checks.h"

namespace dyno::contract {
namespace {

using namespace std::chrono_literals;
using model::Workload;

ExpectedAnswer health_answer() {
  ExpectedAnswer expected;
  expected.request = "GET /health";
  expected.body = exactly("ok");
  return expected;
}

// A Date made once and kept would still be a valid one; only a second look shows it.
Check date_advances(const Asking& asking) {
  constexpr auto kWait = 3s;
  const auto advanced = [kWait](Outcomes outcomes) -> std::optional<Difference> {
    const auto date_of = [](const ports::ExchangeOutcome& outcome) {
      return single_header(outcome.answers.front(), "Date").value_or("");
    };
    const auto first = parse_http_date(date_of(outcomes[0]));
    const auto second = parse_http_date(date_of(outcomes[1]));
    // Whole seconds on both ends: 3 s may show as 2.
    if (first && second && *second - *first >= kWait - 1s) return std::nullopt;
    return Difference{fmt::format("a Date at least {} s later than {}", (kWait - 1s).count(), date_of(outcomes[0])),
                      std::string(date_of(outcomes[1]))};
  };
  return make_check("every answer: Date is fresh",
                    {{0s, exchange_of(get("/health"), asking.host)}, {kWait, exchange_of(get("/health"), asking.host)}},
                    {health_answer(), health_answer()}, advanced);
}

std::vector<Check> checks_of(Workload workload, Asking& asking) {
  switch (workload) {
    case Workload::plaintext: return plaintext_checks(asking);
    case Workload::json: return json_checks(asking);
    case Workload::items: return items_checks(asking);
    case Workload::users: return users_checks(asking);
    case Workload::db: return db_checks(asking);
    case Workload::queries: return queries_checks(asking);
    case Workload::fortunes: return fortunes_checks(asking);
    case Workload::updates: return updates_checks(asking);
    case Workload::validate: return validate_checks(asking);
    case Workload::cpu: return cpu_checks(asking, false);
    case Workload::cpu_offload: return cpu_checks(asking, true);
    case Workload::upload: return upload_checks(asking);
    case Workload::sse: return sse_checks(asking);
    case Workload::ws: return ws_checks(asking);
    case Workload::predict: break;
  }
  return {};
}

}  // namespace

std::vector<Check> general_checks(const std::string& host, std::uint64_t seed, Depth depth) {
  Asking asking{host, depth, Draw(seed)};
  std::vector<Check> checks;
  checks.push_back(ask(asking, "health: answers ok", get("/health"), health_answer()));
  if (depth == Depth::quick) return checks;
  const std::string unknown = fmt::format("/{}", asking.draw.word(12));
  ExpectedAnswer not_found;
  not_found.request = "GET " + unknown;
  not_found.status = 404;
  not_found.only_status = true;
  checks.push_back(ask(asking, "every answer: an unknown path is 404", get(unknown), not_found));
  checks.push_back(date_advances(asking));
  return checks;
}

std::vector<Check> verification_plan(Workload workload, const std::string& host, std::uint64_t seed, Depth depth) {
  Asking asking{host, depth, Draw(seed ^ (0x9E37U + static_cast<std::uint64_t>(workload)))};
  return checks_of(workload, asking);
}

bool is_verifiable(Workload workload) { return !verification_plan(workload, "", 0, Depth::quick).empty(); }

}  // namespace dyno::contract
