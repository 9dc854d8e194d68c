// validate and upload: answers that depend on the body.
#include <fmt/format.h>

#include "contract/json_value.h"
#include "contract/order.h"
#include "contract/workload_checks.h"

namespace dyno::contract {
namespace {

constexpr std::size_t kOrderLimit = 64 * 1024;

Request post(std::string target, std::string type, std::string body) {
  Request request;
  request.method = "POST";
  request.target = std::move(target);
  request.headers = {{"Content-Type", std::move(type)}};
  request.body = std::move(body);
  return request;
}

Request validate(std::string body) { return post("/validate", "application/json", std::move(body)); }

ExpectedAnswer valid(const Order& order) {
  return json_answer("POST /validate", fmt::format(R"({{"valid":true,"total_cents":{}}})", order.total_cents));
}

ExpectedAnswer invalid(const std::string& fault) {
  ExpectedAnswer expected;
  expected.request = fmt::format("POST /validate with {}", fault);
  expected.status = 422;
  expected.media_type = "application/json";
  expected.body = [](std::string_view body) -> std::optional<Difference> {
    if (is_refused_order(body)) return std::nullopt;
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

ExpectedAnswer counted(std::size_t bytes) {
  return json_answer(fmt::format("POST /upload of {} bytes", bytes), fmt::format(R"({{"bytes":{}}})", bytes));
}

Request upload(std::string body) { return post("/upload", "application/octet-stream", std::move(body)); }

// Chunks of one byte each: the most chunks for a body.
Request chunked_upload(const std::string& body) {
  std::string chunks;
  for (const char c : body) chunks.append("1\r\n").append(1, c).append("\r\n");
  Request request = upload(chunks + "0\r\n\r\n");
  request.headers.emplace_back("Transfer-Encoding", "chunked");
  return request;
}

Check exchange_check(std::string name, ports::Exchange exchange, std::vector<ExpectedAnswer> expected) {
  std::vector<Step> steps;
  steps.push_back({Nanos(0), std::move(exchange)});
  return make_check(std::move(name), std::move(steps), std::move(expected));
}

void add_validate_refusals(Asking& asking, std::vector<Check>& checks) {
  for (const BadOrder& bad : bad_orders(asking.draw)) {
    checks.push_back(ask(asking, "validate: refuses " + bad.fault, validate(bad.json), invalid(bad.fault)));
  }
  for (const std::string body : {"{", "", "{\"order_id\":}", "not json"}) {
    const ExpectedAnswer expected = json_answer("POST /validate with no JSON", R"({"error":"Bad request"})", 400);
    checks.push_back(ask(asking, "validate: refuses what is not JSON", validate(body), expected));
  }
  Order large = random_order(asking.draw);
  large.json.insert(large.json.size() - 1, std::string(kOrderLimit, ' '));
  checks.push_back(ask(asking, "validate: refuses more than 64 KiB", validate(large.json),
                       status_only("POST /validate of over 64 KiB", 413)));
  checks.push_back(large_body(asking, "validate", "/validate", {413}));
  const Request half = validate(large.json);
  checks.push_back(deserted(asking, "validate", half, request_bytes(half, asking.host).size() / 2));
  checks.push_back(ask(asking, "validate: a wrong method is 405", get("/validate"), [] {
    ExpectedAnswer expected = status_only("GET /validate", 405);
    expected.tolerated = {404};
    return expected;
  }()));
}

}  // namespace

std::vector<Check> validate_checks(Asking& asking) {
  std::vector<Check> checks;
  const Order first = random_order(asking.draw);
  const Order second = random_order(asking.draw);
  checks.push_back(ask(asking, "validate: adds up a right order", validate(first.json), valid(first)));
  const BadOrder bad = bad_orders(asking.draw).front();
  checks.push_back(ask(asking, "validate: refuses " + bad.fault, validate(bad.json), invalid(bad.fault)));
  if (asking.depth == Depth::quick) return checks;
  checks.push_back(exchange_check("validate: two bodies on one connection",
                                  kept_alive({validate(first.json), validate(second.json)}, asking.host),
                                  {valid(first), valid(second)}));
  checks.push_back(exchange_check("validate: two bodies in one segment",
                                  pipelined({validate(second.json), validate(first.json)}, asking.host),
                                  {valid(second), valid(first)}));
  std::vector<Request> requests;
  std::vector<ExpectedAnswer> expected;
  for (int i = 0; i < kAtOnce; ++i) {
    const Order order = random_order(asking.draw);
    requests.push_back(validate(order.json));
    expected.push_back(valid(order));
  }
  checks.push_back(all_at_once(asking, "validate", requests, std::move(expected)));
  for (int i = 0; i < 3; ++i) {
    checks.push_back(exchange_check("validate: a request in fragments",
                                    fragmented(validate(first.json), asking.host, asking.draw), {valid(first)}));
  }
  add_validate_refusals(asking, checks);
  return checks;
}

std::vector<Check> upload_checks(Asking& asking) {
  std::vector<Check> checks;
  const std::string some = asking.draw.word(asking.draw.between(1000, 9000));
  checks.push_back(ask(asking, "upload: counts the bytes", upload(some), counted(some.size())));
  if (asking.depth == Depth::quick) return checks;
  const std::string large(1024 * 1024 + 1, '\xA5');
  const std::string chunks = asking.draw.word(300);
  checks.push_back(ask(asking, "upload: counts nothing", upload(""), counted(0)));
  checks.push_back(ask(asking, "upload: counts over 1 MiB", upload(large), counted(large.size())));
  checks.push_back(exchange_check("upload: two bodies on one connection",
                                  kept_alive({upload(some), upload(chunks)}, asking.host),
                                  {counted(some.size()), counted(chunks.size())}));
  checks.push_back(ask(asking, "upload: counts chunks of one byte", chunked_upload(chunks), counted(chunks.size())));
  checks.push_back(exchange_check("upload: a request in fragments", fragmented(upload(some), asking.host, asking.draw),
                                  {counted(some.size())}));
  return checks;
}

}  // namespace dyno::contract
