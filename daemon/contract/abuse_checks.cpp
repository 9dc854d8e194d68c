// Many at once, and clients that do not behave: each answer must belong to its request, and whoever asks properly afterwards
// must be answered as before.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "contract/workload_checks.h"

namespace dyno::contract {
namespace {

constexpr std::size_t kLargeBody = 1024 * 1024;
constexpr int kDeserters = 16;

ExpectedAnswer healthy() {
  ExpectedAnswer expected;
  expected.request = "GET /health";
  expected.body = exactly("ok");
  return expected;
}

Step left_alone(const std::string& bytes) {
  ports::Exchange exchange;
  exchange.pieces.push_back(bytes);
  exchange.answers = 0;
  return {Nanos(0), std::move(exchange)};
}

// Refused by a status of `allowed`, or by ending the connection: never taken, never a 500, never silence.
std::optional<Difference> refused(const std::string& request, const std::vector<int>& allowed,
                                  const ports::ExchangeOutcome& outcome) {
  const std::string wanted = fmt::format("{} of 1 MiB: {}, or the connection ended", request, allowed.front());
  if (outcome.answers.empty()) {
    if (outcome.error.starts_with("reset")) return std::nullopt;
    return Difference{wanted, outcome.error.empty() ? "nothing" : visible(outcome.error, 100)};
  }
  const int status = outcome.answers.front().status;
  if (std::find(allowed.begin(), allowed.end(), status) != allowed.end()) return std::nullopt;
  return Difference{wanted, fmt::format("status {}", status)};
}

}  // namespace

Check all_at_once(const Asking& asking, const std::string& workload, const std::vector<Request>& requests,
                  std::vector<ExpectedAnswer> expected) {
  std::vector<Step> steps;
  for (const Request& request : requests) {
    steps.push_back({Nanos(0), exchange_of(request, asking.host)});
    steps.back().exchange.together = steps.size() > 1;
  }
  return make_check(fmt::format("{}: {} at once, each answer to its own request", workload, requests.size()),
                    std::move(steps), std::move(expected));
}

Check deserted(const Asking& asking, const std::string& workload, const Request& request, std::size_t bytes) {
  std::vector<Step> steps;
  steps.reserve(kDeserters + 1);
  const std::string whole = request_bytes(request, asking.host);
  for (int i = 0; i < kDeserters; ++i) steps.push_back(left_alone(whole.substr(0, bytes)));
  steps.push_back({Nanos(0), exchange_of(get("/health"), asking.host)});
  return make_check(workload + ": clients that leave", std::move(steps), {healthy()});
}

Check large_body(const Asking& asking, const std::string& workload, const std::string& target,
                 const std::vector<int>& allowed) {
  Request request = get(target);
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::string(kLargeBody, ' ');
  Check check;
  check.name = workload + ": refuses 1 MiB";
  check.steps = {{Nanos(0), exchange_of(request, asking.host)}, {Nanos(0), exchange_of(get("/health"), asking.host)}};
  check.ruling = [name = "POST " + target, allowed](Outcomes outcomes) {
    Judgement judgement;
    auto found = refused(name, allowed, outcomes[0]);
    if (!found && outcomes[1].answers.empty())
      found = Difference{"GET /health afterwards: an answer", visible(outcomes[1].error, 100)};
    if (!found) found = difference(healthy(), outcomes[1].answers.front());
    if (found) judgement.failure = CheckFailure{"", found->expected, found->got};
    return judgement;
  };
  return check;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return encoded;
}

Check encoded_path(const Asking& asking, const std::string& workload, const std::string& target,
                   ExpectedAnswer expected) {
  expected.request = "GET " + target;
  expected.tolerated = {404, 400};
  return ask(asking, workload + ": a percent-encoded path is what it encodes, or unknown", get(target),
             std::move(expected));
}

}  // namespace dyno::contract
