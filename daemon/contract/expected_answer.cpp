#include "contract/expected_answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "contract/json_value.h"

namespace dyno::contract {
namespace {

constexpr std::size_t kShownBytes = 200;

std::ptrdiff_t count_header(const ports::Answer& answer, std::string_view name) {
  return std::count_if(answer.headers.begin(), answer.headers.end(),
                       [&](const auto& header) { return same_ignoring_case(header.first, name); });
}

std::string shown(std::string_view text) {
  return text.empty() ? "nothing" : fmt::format("\"{}\"", visible(text, kShownBytes));
}

std::string header_text(const ports::Answer& answer, std::string_view name) {
  const auto count = count_header(answer, name);
  if (count == 0) return fmt::format("no {}", name);
  if (count > 1) return fmt::format("{} {} headers", count, name);
  return fmt::format("{}: {}", name, visible(single_header(answer, name).value_or(""), kShownBytes));
}

std::optional<Difference> forbidden_headers(const ports::Answer& answer) {
  for (const std::string_view name : {"Content-Encoding", "Set-Cookie"}) {
    if (count_header(answer, name) > 0) return Difference{fmt::format("no {}", name), header_text(answer, name)};
  }
  return std::nullopt;
}

std::optional<Difference> content_type(const ExpectedAnswer& expected, const ports::Answer& answer) {
  if (expected.media_type.empty()) return std::nullopt;
  const auto parts = split(single_header(answer, "Content-Type").value_or(""), ';');
  bool right = same_ignoring_case(trim(parts[0]), expected.media_type) && parts.size() <= 2;
  if (right && parts.size() == 2)
    right =
        same_ignoring_case(trim(parts[1]), "charset=utf-8") || same_ignoring_case(trim(parts[1]), "charset=\"utf-8\"");
  if (right) return std::nullopt;
  return Difference{"Content-Type: " + expected.media_type, header_text(answer, "Content-Type")};
}

std::optional<Difference> content_length(const ExpectedAnswer& expected, const ports::Answer& answer) {
  const auto text = single_header(answer, "Content-Length");
  if (expected.head) {
    if (!answer.body.empty()) return Difference{"no body", fmt::format("{} bytes", answer.body.size())};
    if (!text) return std::nullopt;  // RFC 9110, 8.6: a HEAD may leave it out
    const auto length = parse_int(*text);
    if (length && (expected.canonical_bytes == 0 || *length >= static_cast<std::int64_t>(expected.canonical_bytes)))
      return std::nullopt;
    return Difference{fmt::format("the Content-Length of GET, {} or more", expected.canonical_bytes),
                      header_text(answer, "Content-Length")};
  }
  if (text && parse_int(*text) == static_cast<std::int64_t>(answer.body.size()) &&
      count_header(answer, "Transfer-Encoding") == 0)
    return std::nullopt;
  if (count_header(answer, "Transfer-Encoding") > 0)
    return Difference{"Content-Length", header_text(answer, "Transfer-Encoding")};
  return Difference{fmt::format("Content-Length: {}", answer.body.size()), header_text(answer, "Content-Length")};
}

std::optional<Difference> date(const ports::Answer& answer) {
  const auto text = single_header(answer, "Date");
  if (text && parse_http_date(*text)) return std::nullopt;
  return Difference{"one Date such as Sun, 06 Nov 1994 08:49:37 GMT", header_text(answer, "Date")};
}

std::optional<Difference> size_rule(const ExpectedAnswer& expected, const ports::Answer& answer) {
  if (expected.head || expected.canonical_bytes == 0) return std::nullopt;
  const std::size_t most = expected.canonical_bytes * 6 / 5 + 16;
  if (answer.body.size() <= most) return std::nullopt;
  return Difference{fmt::format("a body of at most {} bytes", most), fmt::format("{} bytes", answer.body.size())};
}

Difference about(const std::string& request, Difference difference) {
  difference.expected = fmt::format("{}: {}", request, difference.expected);
  return difference;
}

std::optional<CheckFailure> complete(const ports::ExchangeOutcome& outcome, const ports::Exchange& exchange) {
  if (outcome.error.empty() && outcome.answers.size() == static_cast<std::size_t>(exchange.answers))
    return std::nullopt;
  const std::string wanted = exchange.answers == 1 ? "an answer" : fmt::format("{} answers", exchange.answers);
  const std::string came = outcome.answers.empty() ? "none" : fmt::format("{}", outcome.answers.size());
  return CheckFailure{"", wanted,
                      outcome.error.empty() ? came : fmt::format("{} ({})", came, visible(outcome.error, kShownBytes))};
}

// Every answer by itself, in order; stops at the first that is wrong.
Judgement judge_answers(const std::vector<Step>& steps, const std::vector<ExpectedAnswer>& expected,
                        Outcomes outcomes) {
  Judgement judgement;
  std::size_t next = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if ((judgement.failure = complete(outcomes[i], steps[i].exchange))) return judgement;
    for (const ports::Answer& answer : outcomes[i].answers) {
      const ExpectedAnswer& wanted = expected.at(next++);
      if (const auto found = difference(wanted, answer)) {
        judgement.failure = CheckFailure{"", found->expected, found->got};
        return judgement;
      }
      if (answer.status == wanted.status) continue;
      judgement.notes.push_back(
          fmt::format("{} answers {} instead of {}", wanted.request, answer.status, wanted.status));
    }
  }
  return judgement;
}

}  // namespace

std::optional<std::string_view> single_header(const ports::Answer& answer, std::string_view name) {
  if (count_header(answer, name) != 1) return std::nullopt;
  const auto found = std::find_if(answer.headers.begin(), answer.headers.end(),
                                  [&](const auto& header) { return same_ignoring_case(header.first, name); });
  return std::string_view(found->second);
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::string_view kShape = "aaa, dd aaa dddd dd:dd:dd GMT";
  if (text.size() != kShape.size() || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  const auto instant = parse_instant(fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month - kMonths.begin() + 1,
                                                 text.substr(5, 2), text.substr(17, 8)));
  if (!instant || text[3] != ',' || text[4] != ' ' || text[7] != ' ' || text[11] != ' ' || text[16] != ' ')
    return std::nullopt;
  const std::chrono::weekday weekday(std::chrono::floor<std::chrono::days>(*instant));
  if (kDays[weekday.c_encoding()] != text.substr(0, 3)) return std::nullopt;
  return instant;
}

std::optional<Difference> difference(const ExpectedAnswer& expected, const ports::Answer& answer) {
  const bool is_tolerated =
      std::find(expected.tolerated.begin(), expected.tolerated.end(), answer.status) != expected.tolerated.end();
  if (answer.status != expected.status && !is_tolerated) {
    return about(expected.request,
                 {fmt::format("status {}", expected.status), fmt::format("{}, {}", answer.status, shown(answer.body))});
  }
  auto found = forbidden_headers(answer);
  if (is_tolerated || expected.only_status)
    return found ? std::optional(about(expected.request, *found)) : std::nullopt;
  if (!found) found = content_type(expected, answer);
  if (!found) found = content_length(expected, answer);
  if (!found) found = date(answer);
  if (!found) found = size_rule(expected, answer);
  if (!found && expected.body && !expected.head) found = expected.body(answer.body);
  return found ? std::optional(about(expected.request, *found)) : std::nullopt;
}

Check make_check(std::string name, std::vector<Step> steps, std::vector<ExpectedAnswer> expected, WholeRule also) {
  Check check;
  check.name = std::move(name);
  check.steps = steps;
  check.ruling = [steps = std::move(steps), expected = std::move(expected), also = std::move(also)](Outcomes outcomes) {
    Judgement judgement = judge_answers(steps, expected, outcomes);
    if (judgement.failure || !also) return judgement;
    if (const auto found = also(outcomes)) judgement.failure = CheckFailure{"", found->expected, found->got};
    return judgement;
  };
  return check;
}

BodyRule exactly(std::string text) {
  return [text = std::move(text)](std::string_view body) -> std::optional<Difference> {
    if (body == text) return std::nullopt;
    return Difference{"the body " + shown(text), shown(body)};
  };
}

BodyRule same_json(std::string canonical, double slack) {
  return [canonical = std::move(canonical), slack](std::string_view body) -> std::optional<Difference> {
    const auto mismatch = json_mismatch(canonical, body, slack);
    if (!mismatch) return std::nullopt;
    return Difference{"the JSON " + visible(canonical, kShownBytes), fmt::format("{} ({})", shown(body), *mismatch)};
  };
}

ExpectedAnswer json_answer(std::string request, std::string canonical, int status) {
  ExpectedAnswer expected;
  expected.request = std::move(request);
  expected.status = status;
  expected.media_type = "application/json";
  expected.canonical_bytes = canonical.size();
  expected.body = same_json(std::move(canonical));
  return expected;
}

}  // namespace dyno::contract
