#include "contract/asking.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "contract/json_value.h"

namespace dyno::contract {
namespace {

constexpr int kFragmentRounds = 3;
constexpr std::size_t kLargeBody = 1024 * 1024;
constexpr int kDeserters = 16;

// The connection must end after the answer, or the answer must at least announce it.
std::optional<Difference> ends(Outcomes outcomes) {
  const auto& outcome = outcomes.front();
  const auto announced = single_header(outcome.answers.front(), "Connection").value_or("");
  if (outcome.closed_by_server || announced == "close" || announced == "Close") return std::nullopt;
  return Difference{"the connection closed after the answer", "a connection left open"};
}

Check closing(const Asking& asking, const std::string& name, const Request& request, const ExpectedAnswer& expected) {
  ports::Exchange exchange = exchange_of(request, asking.host);
  exchange.await_close = true;
  return check_of(name, std::move(exchange), {expected}, ends);
}

Check head(const Asking& asking, const std::string& workload, const std::string& target, ExpectedAnswer expected) {
  expected.request = "HEAD " + target;
  expected.head = true;
  expected.tolerated = {405};
  Request request = get(target);
  request.method = "HEAD";
  return ask(asking, workload + ": HEAD", request, std::move(expected));
}

Check wrong_method(const Asking& asking, const std::string& workload, const std::string& target) {
  ExpectedAnswer expected = status_only("POST " + target, 405);
  expected.tolerated = {404};
  return ask(asking, workload + ": a wrong method is 405", post(target, "", ""), std::move(expected));
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

Request get(std::string target) {
  Request request;
  request.target = std::move(target);
  return request;
}

Request post(std::string target, std::string type, std::string body) {
  Request request;
  request.method = "POST";
  request.target = std::move(target);
  if (!type.empty()) request.headers = {{"Content-Type", std::move(type)}};
  request.body = std::move(body);
  return request;
}

ports::RequestTemplate load_get(std::string target) {
  ports::RequestTemplate request;
  request.target = std::move(target);
  return request;
}

ports::RequestTemplate load_post(std::string target, std::string type, std::string body) {
  ports::RequestTemplate request = load_get(std::move(target));
  request.method = "POST";
  if (!type.empty()) request.headers = {{"Content-Type", std::move(type)}};
  request.body = std::move(body);
  return request;
}

void append(std::vector<Check>& checks, std::vector<Check> more) {
  for (Check& check : more) checks.push_back(std::move(check));
}

ExpectedAnswer health_answer() {
  ExpectedAnswer expected;
  expected.request = "GET /health";
  expected.body = exactly("ok");
  return expected;
}

ExpectedAnswer bad_request(std::string request) {
  return json_answer(std::move(request), R"({"error":"Bad request"})", 400);
}

ExpectedAnswer refused_by_schema(const std::string& request, const std::string& fault) {
  ExpectedAnswer expected;
  expected.request = fmt::format("{} with {}", request, fault);
  expected.status = 422;
  expected.media_type = "application/json";
  expected.body = [](std::string_view body) -> std::optional<Difference> {
    if (is_refusal(body)) return std::nullopt;
    return Difference{R"({"valid":false,"errors":k} with k ≥ 1)", std::string(body.substr(0, 200))};
  };
  return expected;
}

ExpectedAnswer status_only(std::string request, int status) {
  ExpectedAnswer expected;
  expected.request = std::move(request);
  expected.status = status;
  expected.only_status = true;
  return expected;
}

Check check_of(std::string name, ports::Exchange exchange, std::vector<ExpectedAnswer> expected, WholeRule also) {
  std::vector<Step> steps;
  steps.push_back({Nanos(0), std::move(exchange)});
  return make_check(std::move(name), std::move(steps), std::move(expected), std::move(also));
}

Check ask(const Asking& asking, std::string name, const Request& request, ExpectedAnswer expected) {
  return check_of(std::move(name), exchange_of(request, asking.host), {std::move(expected)});
}

std::vector<Check> transport_checks(Asking& asking, const std::string& workload, const std::string& target,
                                    const ExpectedAnswer& expected) {
  std::vector<Check> checks;
  const Request request = get(target);
  checks.push_back(
      check_of(workload + ": keep-alive", kept_alive({request, request}, asking.host), {expected, expected}));
  Request close = request;
  close.headers = {{"Connection", "close"}};
  checks.push_back(closing(asking, workload + ": Connection: close", close, expected));
  Request old = request;
  old.version = "1.0";
  checks.push_back(closing(asking, workload + ": HTTP/1.0", old, expected));
  for (int i = 0; i < kFragmentRounds; ++i) {
    checks.push_back(
        check_of(workload + ": a request in fragments", fragmented(request, asking.host, asking.draw), {expected}));
  }
  checks.push_back(check_of(workload + ": two requests in one segment",
                            pipelined({request, get("/health"), request}, asking.host),
                            {expected, health_answer(), expected}));
  checks.push_back(head(asking, workload, target, expected));
  checks.push_back(wrong_method(asking, workload, target));
  return checks;
}

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
  return make_check(workload + ": clients that leave", std::move(steps), {health_answer()});
}

Check large_body(const Asking& asking, const std::string& workload, const std::string& target,
                 const std::vector<int>& allowed) {
  const Request request = post(target, "application/json", std::string(kLargeBody, ' '));
  Check check;
  check.name = workload + ": refuses 1 MiB";
  check.steps = {{Nanos(0), exchange_of(request, asking.host)}, {Nanos(0), exchange_of(get("/health"), asking.host)}};
  check.ruling = [name = "POST " + target, allowed](Outcomes outcomes) {
    Judgement judgement;
    auto found = refused(name, allowed, outcomes[0]);
    if (!found && outcomes[1].answers.empty())
      found = Difference{"GET /health afterwards: an answer", visible(outcomes[1].error, 100)};
    if (!found) found = difference(health_answer(), outcomes[1].answers.front());
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
