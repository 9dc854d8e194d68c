// What the checks of workloads are made from: whom they ask and how much, and the ways of asking that several workloads share.
// Pure, thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/check.h"
#include "contract/draw.h"
#include "contract/expected_answer.h"
#include "contract/formulas.h"
#include "contract/request.h"
#include "ports/load_driver.h"

namespace dyno::contract {

enum class Depth {
  full,   // once for each image: everything, about 5 s and 3 s of them waiting for Date to advance
  quick,  // every trial: is the answer right, and is it made for the question
};

// What making checks needs: whom to ask, how much, the source of random questions, and how much the database holds.
struct Asking {
  std::string host;
  Depth depth = Depth::full;
  Draw draw{0};
  std::int64_t users = kUserRows;
};

Request get(std::string target);
Request post(std::string target, std::string type, std::string body);  // empty type: no Content-Type
Request post_json(std::string target, std::string body);
// The same for dyno-load, where "{a..b}" in a target stands for a random number.
ports::RequestTemplate load_get(std::string target);
ports::RequestTemplate load_post(std::string target, std::string type, std::string body);

void append(std::vector<Check>& checks, std::vector<Check> more);

// A check of one request on a connection of its own.
Check ask(const Asking& asking, std::string name, const Request& request, ExpectedAnswer expected);
// A check of one exchange, with one expected answer for each of its requests.
Check check_of(std::string name, ports::Exchange exchange, std::vector<ExpectedAnswer> expected, WholeRule also = {});

// How a GET is carried: on a kept connection, closed, by HTTP/1.0, in fragments, two in one segment, as HEAD, and not by
// POST. `target` must always give `expected`.
std::vector<Check> transport_checks(Asking& asking, const std::string& workload, const std::string& target,
                                    const ExpectedAnswer& expected);

// All of them at once, each on a connection of its own; each must get the answer to its own question.
constexpr int kAtOnce = 64;
Check all_at_once(const Asking& asking, const std::string& workload, const std::vector<Request>& requests,
                  std::vector<ExpectedAnswer> expected);
// Clients that send the first `bytes` of a request and leave without an answer; then /health must be as before.
Check deserted(const Asking& asking, const std::string& workload, const Request& request, std::size_t bytes);
// POST of 1 MiB to a target that takes no such body: refused by one of these statuses or by ending the connection.
Check large_body(const Asking& asking, const std::string& workload, const std::string& target,
                 const std::vector<int>& allowed);

// A body of JSON and its right answer.
struct JsonQuestion {
  std::string body;
  ExpectedAnswer answer;
};
// A body of JSON that breaks its schema, and what is wrong with it: "a quantity of 0".
struct BadBody {
  std::string fault;
  std::string json;
};
Check refused_body(const Asking& asking, const std::string& workload, const BadBody& bad);
// How POST /<workload> takes a body of JSON: two in one segment, many at once, in fragments; and what it refuses: each of
// `bad`, what is not JSON, what is too large, and GET.
std::vector<Check> json_body_checks(Asking& asking, const std::string& workload,
                                    const std::function<JsonQuestion(Draw&)>& question,
                                    const std::vector<BadBody>& bad);

std::string percent_encoded(std::string_view text);  // every byte of it
// `target` holds a percent-encoded part: it means what it encodes; 404 and 400 are tolerated.
Check encoded_path(const Asking& asking, const std::string& workload, const std::string& target,
                   ExpectedAnswer expected);

ExpectedAnswer health_answer();
// 400 {"error":"Bad request"}
ExpectedAnswer bad_request(std::string request);
// 422 {"valid":false,"errors":k}: JSON, but against its schema. `fault` is what is wrong with it.
ExpectedAnswer refused_by_schema(const std::string& request, const std::string& fault);
ExpectedAnswer status_only(std::string request, int status);

}  // namespace dyno::contract
