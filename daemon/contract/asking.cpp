#include "contract/asking.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "contract/json_value.h"

namespace dyno::contract {
namespace {

constexpr int kFragmentRounds = 3;
constexpr std::size_t kLargeBody = 1024 * 1024;
constexpr std::size_t kJsonLimit = 64 * 1024;  // of a body that is read
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

Check wrong_method(const Asking& asking, const std::string& workload, const Request& request) {
  ExpectedAnswer expected = status_only(fmt::format("{} {}", request.method, request.target), 405);
  expected.tolerated = {404};
  return ask(asking, workload + ": a wrong method is 405", request, std::move(expected));
}

void add_fragments(Asking& asking, const std::string& workload, const Request& request, const ExpectedAnswer& expected,
                   std::vector<Check>& checks) {
  for (int i = 0; i < kFragmentRounds; ++i) {
    checks.push_back(
        check_of(workload + ": a request in fragments", fragmented(request, asking.host, asking.draw), {expected}));
  }
}

Check questions_at_once(Asking& asking, const std::string& workload,
                        const std::function<JsonQuestion(Draw&)>& question) {
  std::vector<Request> requests;
  std::vector<ExpectedAnswer> expected;
  for (int i = 0; i < kAtOnce; ++i) {
    JsonQuestion one = question(asking.draw);
    requests.push_back(post_json("/" + workload, std::move(one.body)));
    expected.push_back(std::move(one.answer));
  }
  return all_at_once(asking, workload, requests, std::move(expected));
}

void add_refusals(const Asking& asking, const std::string& workload, std::string right_body,
                  const std::vector<BadBody>& bad, std::vector<Check>& checks) {
  const std::string target = "/" + workload;
  for (const BadBody& one : bad) checks.push_back(refused_body(asking, workload, one));
  // A known key: of an unknown one a parser that reads as it goes would say so first.
  const std::string no_value = right_body.substr(0, right_body.find(':') + 1) + "}";
  for (const std::string& body : {std::string("{"), std::string(), no_value, std::string("not json")}) {
    checks.push_back(ask(asking, workload + ": refuses what is not JSON", post_json(target, body),
                         bad_request(fmt::format("POST {} with no JSON", target))));
  }
  right_body.insert(right_body.size() - 1, kJsonLimit, ' ');
  const Request large = post_json(target, std::move(right_body));
  checks.push_back(ask(asking, workload + ": refuses more than 64 KiB", large,
                       status_only(fmt::format("POST {} of over 64 KiB", target), 413)));
  checks.push_back(large_body(asking, workload, target, {413}));
  checks.push_back(deserted(asking, workload, large, request_bytes(large, asking.host).size() / 2));
  checks.push_back(wrong_method(asking, workload, get(target)));
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

Request post_json(std::string target, std::string body) {
  return post(std::move(target), "application/json", std::move(body));
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
  add_fragments(asking, workload, request, expected, checks);
  checks.push_back(check_of(workload + ": two requests in one segment",
                            pipelined({request, get("/health"), request}, asking.host),
                            {expected, health_answer(), expected}));
  checks.push_back(head(asking, workload, target, expected));
  checks.push_back(wrong_method(asking, workload, post(target, "", "")));
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
  const Request request = post_json(target, std::string(kLargeBody, ' '));
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

Check refused_body(const Asking& asking, const std::string& workload, const BadBody& bad) {
  const std::string target = "/" + workload;
  return ask(asking, fmt::format("{}: refuses {}", workload, bad.fault), post_json(target, bad.json),
             refused_by_schema("POST " + target, bad.fault));
}

std::vector<Check> json_body_checks(Asking& asking, const std::string& workload,
                                    const std::function<JsonQuestion(Draw&)>& question,
                                    const std::vector<BadBody>& bad) {
  const JsonQuestion first = question(asking.draw);
  const JsonQuestion second = question(asking.draw);
  const Request request = post_json("/" + workload, first.body);
  std::vector<Check> checks;
  checks.push_back(check_of(workload + ": two bodies in one segment",
                            pipelined({post_json("/" + workload, second.body), request}, asking.host),
                            {second.answer, first.answer}));
  checks.push_back(questions_at_once(asking, workload, question));
  add_fragments(asking, workload, request, first.answer, checks);
  add_refusals(asking, workload, first.body, bad, checks);
  return checks;
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
