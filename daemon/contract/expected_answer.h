// What one answer must be like, and the first way in which a real one differs: status, headers, size, then the body.
// Pure, thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "contract/check.h"

namespace dyno::contract {

struct Difference {
  std::string expected;
  std::string got;
};

using BodyRule = std::function<std::optional<Difference>(std::string_view body)>;

struct ExpectedAnswer {
  std::string request;  // "GET /json", for messages
  int status = 200;
  std::vector<int> tolerated{};     // other statuses that pass, with a note; of those nothing else is looked at
  std::string media_type{};         // "application/json"; empty: any
  std::size_t canonical_bytes = 0;  // the body may have 1.2 × as many + 16; 0: any size
  bool head = false;                // HEAD: no body, but the length of one
  bool only_status = false;         // errors made by the framework: status and forbidden headers, no more
  BodyRule body{};                  // empty: any body
};

std::optional<Difference> difference(const ExpectedAnswer& expected, const ports::Answer& answer);

// A check of one exchange a step; `expected` has one entry for each answer of all of them. `also` rules on the whole
// when every single answer is right.
using WholeRule = std::function<std::optional<Difference>(Outcomes)>;
Check make_check(std::string name, std::vector<Step> steps, std::vector<ExpectedAnswer> expected, WholeRule also = {});

// Body rules.
BodyRule exactly(std::string text);
// Numbers with a fraction may be off by `slack`.
BodyRule same_json(std::string canonical, double slack = 0);
ExpectedAnswer json_answer(std::string request, std::string canonical, int status = 200);

// The only value of a header, by a name in any case; nothing when it is absent or there twice.
std::optional<std::string_view> single_header(const ports::Answer& answer, std::string_view name);
// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that may be sent.
std::optional<WallTime> parse_http_date(std::string_view text);

}  // namespace dyno::contract
