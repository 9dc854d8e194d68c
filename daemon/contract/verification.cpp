#include "contract/verification.h"

#include <fmt/format.h>

#include <chrono>

namespace dyno::contract {
namespace {

using namespace std::chrono_literals;

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

}  // namespace

std::vector<Check> general_checks(const Examination& examination, Depth depth) {
  Asking asking{examination.host, depth, Draw(examination.seed), examination.users};
  std::vector<Check> checks;
  checks.push_back(ask(asking, "health: answers ok", get("/health"), health_answer()));
  if (depth == Depth::quick) return checks;
  const std::string unknown = fmt::format("/{}", asking.draw.word(12));
  checks.push_back(
      ask(asking, "every answer: an unknown path is 404", get(unknown), status_only("GET " + unknown, 404)));
  checks.push_back(date_advances(asking));
  return checks;
}

std::vector<Check> verification_plan(const Workload& workload, const Examination& examination, Depth depth) {
  Asking asking{examination.host, depth, Draw::of(examination.seed, "answers", workload.name), examination.users};
  return workload.checks(asking);
}

}  // namespace dyno::contract
