#include <fmt/format.h>

#include "contract/workload_checks.h"

namespace dyno::contract {
namespace {

constexpr int kFragmentRounds = 3;

Check sent_as(const std::string& name, ports::Exchange exchange, const std::vector<ExpectedAnswer>& expected,
              WholeRule also = {}) {
  std::vector<Step> steps;
  steps.push_back({Nanos(0), std::move(exchange)});
  return make_check(name, std::move(steps), expected, std::move(also));
}

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
  return sent_as(name, std::move(exchange), {expected}, ends);
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
  ExpectedAnswer expected;
  expected.request = "POST " + target;
  expected.status = 405;
  expected.tolerated = {404};
  expected.only_status = true;
  Request request = get(target);
  request.method = "POST";
  return ask(asking, workload + ": a wrong method is 405", request, std::move(expected));
}

}  // namespace

Request get(std::string target) {
  Request request;
  request.target = std::move(target);
  return request;
}

void append(std::vector<Check>& checks, std::vector<Check> more) {
  for (Check& check : more) checks.push_back(std::move(check));
}

Check ask(const Asking& asking, std::string name, const Request& request, ExpectedAnswer expected) {
  std::vector<Step> steps;
  steps.push_back({Nanos(0), exchange_of(request, asking.host)});
  return make_check(std::move(name), std::move(steps), {std::move(expected)});
}

std::vector<Check> transport_checks(Asking& asking, const std::string& workload, const std::string& target,
                                    const ExpectedAnswer& expected) {
  std::vector<Check> checks;
  const Request request = get(target);
  checks.push_back(
      sent_as(workload + ": keep-alive", kept_alive({request, request}, asking.host), {expected, expected}));
  Request close = request;
  close.headers = {{"Connection", "close"}};
  checks.push_back(closing(asking, workload + ": Connection: close", close, expected));
  Request old = request;
  old.version = "1.0";
  checks.push_back(closing(asking, workload + ": HTTP/1.0", old, expected));
  for (int i = 0; i < kFragmentRounds; ++i) {
    checks.push_back(
        sent_as(workload + ": a request in fragments", fragmented(request, asking.host, asking.draw), {expected}));
  }
  ExpectedAnswer health;
  health.request = "GET /health";
  health.body = exactly("ok");
  checks.push_back(sent_as(workload + ": two requests in one segment",
                           pipelined({request, get("/health"), request}, asking.host), {expected, health, expected}));
  checks.push_back(head(asking, workload, target, expected));
  checks.push_back(wrong_method(asking, workload, target));
  return checks;
}

}  // namespace dyno::contract
