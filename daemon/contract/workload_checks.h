// The checks of each workload, one file a family; verification_plan() picks. Pure, thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "contract/check.h"
#include "contract/draw.h"
#include "contract/expected_answer.h"
#include "contract/request.h"
#include "contract/verification.h"

namespace dyno::contract {

// What making checks needs: whom to ask, how much, and the source of random questions.
struct Asking {
  std::string host;
  Depth depth = Depth::full;
  Draw draw{0};
};

// A check of one request on a connection of its own.
Check ask(const Asking& asking, std::string name, const Request& request, ExpectedAnswer expected);
Request get(std::string target);
void append(std::vector<Check>& checks, std::vector<Check> more);

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
std::string percent_encoded(std::string_view text);  // every byte of it
// `target` holds a percent-encoded part: it means what it encodes; 404 and 400 are tolerated.
Check encoded_path(const Asking& asking, const std::string& workload, const std::string& target,
                   ExpectedAnswer expected);

// Rows of the fortunes' page by message: a map orders them by their bytes, which for UTF-8 is by code point.
using FortuneRows = std::map<std::string, int>;
FortuneRows seeded_fortunes();  // with the row made at request time
BodyRule fortunes_page(FortuneRows rows);

std::vector<Check> plaintext_checks(Asking& asking);
std::vector<Check> json_checks(Asking& asking);
std::vector<Check> items_checks(Asking& asking);
std::vector<Check> users_checks(Asking& asking);
std::vector<Check> db_checks(Asking& asking);
std::vector<Check> queries_checks(Asking& asking);
std::vector<Check> fortunes_checks(Asking& asking);
std::vector<Check> updates_checks(Asking& asking);
std::vector<Check> validate_checks(Asking& asking);
std::vector<Check> cpu_checks(Asking& asking, bool offload);
std::vector<Check> upload_checks(Asking& asking);
std::vector<Check> sse_checks(Asking& asking);
std::vector<Check> ws_checks(Asking& asking);

}  // namespace dyno::contract
