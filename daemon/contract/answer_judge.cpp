#include "contract/answer_judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/pattern.h"
#include "base/text.h"
#include "contract/json_rule.h"

namespace dyno::contract {
namespace {

constexpr std::size_t kBytesShown = 200;

std::string in_quotes(std::string_view text) {
  return text.empty() ? "nothing" : fmt::format("\"{}\"", visible(text, kBytesShown));
}

// The body as it came; of a long one how long it is.
std::string body_words(const ports::Answer& answer) {
  if (answer.body.empty()) return "an empty body";
  if (answer.body.size() <= kBytesShown) return "the body " + in_quotes(answer.body);
  return fmt::format("{} bytes, {}", answer.body.size(), in_quotes(answer.body));
}

std::vector<std::string_view> header_values(const ports::Answer& answer, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [one, value] : answer.headers) {
    if (same_ignoring_case(one, name)) values.emplace_back(value);
  }
  return values;
}

std::string header_words(const ports::Answer& answer, std::string_view name) {
  const auto values = header_values(answer, name);
  if (values.empty()) return fmt::format("no {}", name);
  return fmt::format("{}: {}", name, visible(values.front(), kBytesShown));
}

std::string place(const model::AnswerRules& rules, int line) {
  if (rules.file.empty()) return "";
  return fmt::format(" ({}:{})", rules.file, line > 0 ? line : rules.line);
}

// A rule broken: what was wanted, by which line, and what came.
struct Broken {
  std::string expected;
  std::string got;
  int line = 0;
};

std::optional<Broken> broken_head(const model::AnswerRules& rules, const ports::Answer& answer) {
  const bool good = std::any_of(rules.statuses.begin(), rules.statuses.end(), [&](const model::StatusRange& range) {
    return answer.status >= range.from && answer.status <= range.to;
  });
  if (!good)
    return Broken{fmt::format("status {}", status_words(rules.statuses)),
                  fmt::format("{}, {}", answer.status, body_words(answer))};
  if (!rules.content_type.empty()) {
    const auto values = header_values(answer, "Content-Type");
    const bool same =
        values.size() == 1 && same_ignoring_case(trim(split(values.front(), ';').front()), rules.content_type);
    if (!same) return Broken{"Content-Type: " + rules.content_type, header_words(answer, "Content-Type")};
  }
  for (const model::HeaderRule& rule : rules.headers) {
    const auto values = header_values(answer, rule.name);
    const bool as_said = std::any_of(values.begin(), values.end(), [&rule](std::string_view value) {
      return (rule.value.empty() || value == rule.value) && (rule.matches.empty() || is_found(rule.matches, value));
    });
    if (as_said) continue;
    const std::string wanted = !rule.value.empty()     ? ": " + rule.value
                               : !rule.matches.empty() ? fmt::format(" that matches {}", rule.matches)
                                                       : "";
    return Broken{"the header " + rule.name + wanted, header_words(answer, rule.name), rule.line};
  }
  return std::nullopt;
}

std::optional<Broken> broken_body(const model::AnswerRules& rules, const ports::Answer& answer) {
  const auto size = static_cast<std::int64_t>(answer.body.size());
  if (rules.bytes_least && size < *rules.bytes_least)
    return Broken{fmt::format("a body of at least {} bytes", *rules.bytes_least),
                  fmt::format("{} bytes, {}", size, in_quotes(answer.body))};
  if (rules.bytes_most && size > *rules.bytes_most)
    return Broken{fmt::format("a body of at most {} bytes", *rules.bytes_most),
                  fmt::format("{} bytes, {}", size, in_quotes(answer.body))};
  if (rules.body && answer.body != *rules.body)
    return Broken{rules.body->empty() ? "an empty body" : "the body " + in_quotes(*rules.body), body_words(answer)};
  for (const std::string& part : rules.contains) {
    if (answer.body.find(part) == std::string::npos)
      return Broken{"a body with " + in_quotes(part), body_words(answer)};
  }
  if (!rules.matches.empty() && !is_found(rules.matches, answer.body))
    return Broken{fmt::format("a body that matches {}", rules.matches), body_words(answer)};
  if (const auto broken = broken_json_rule(rules.json, answer.body))
    return Broken{broken->difference.expected, fmt::format("{}; {}", broken->difference.got, body_words(answer)),
                  broken->line};
  return std::nullopt;
}

}  // namespace

std::string status_words(const std::vector<model::StatusRange>& statuses) {
  std::string words;
  for (const model::StatusRange& range : statuses) {
    if (!words.empty()) words += " or ";
    if (range.from == range.to) words += fmt::format("{}", range.from);
    else if (range.from % 100 == 0 && range.to == range.from + 99) words += fmt::format("{}xx", range.from / 100);
    else words += fmt::format("{}–{}", range.from, range.to);
  }
  return words;
}

std::optional<Difference> broken_rule(std::string_view request, const model::AnswerRules& rules,
                                      const ports::Answer& answer) {
  auto broken = broken_head(rules, answer);
  if (!broken) broken = broken_body(rules, answer);
  if (!broken) return std::nullopt;
  return Difference{fmt::format("{}: {}{}", request, broken->expected, place(rules, broken->line)), broken->got};
}

std::optional<Difference> broken_rule(std::string_view request, const model::AnswerRules& rules,
                                      const ports::ExchangeOutcome& outcome) {
  if (outcome.answers.empty() || !outcome.error.empty()) {
    const std::string why = outcome.error.empty() ? "" : fmt::format(" ({})", visible(outcome.error, 2 * kBytesShown));
    return Difference{fmt::format("{}: a whole answer{}", request, place(rules, 0)), "none" + why};
  }
  return broken_rule(request, rules, outcome.answers.front());
}

std::optional<std::string> captured(const model::Capture& capture, const ports::Answer& answer) {
  switch (capture.from) {
    case model::CaptureFrom::json: return json_value_at(answer.body, capture.where);
    case model::CaptureFrom::pattern: {
      const auto pattern = Pattern::compile(capture.where);
      const auto group = pattern ? pattern->first_group(answer.body) : std::nullopt;
      return group ? std::optional(std::string(*group)) : std::nullopt;
    }
    case model::CaptureFrom::header: {
      const auto values = header_values(answer, capture.where);
      return values.empty() ? std::nullopt : std::optional(std::string(values.front()));
    }
  }
  return std::nullopt;
}

Difference not_captured(std::string_view request, const model::AnswerRules& rules, const model::Capture& capture,
                        const ports::Answer& answer) {
  const std::string where = capture.from == model::CaptureFrom::json     ? "the value at " + capture.where
                            : capture.from == model::CaptureFrom::header ? "the header " + capture.where
                                                                         : "what matches " + capture.where;
  return {fmt::format("{}: {{{}}} from {}{}", request, capture.name, where, place(rules, capture.line)),
          "no such value in " + body_words(answer)};
}

}  // namespace dyno::contract
