#include "runners/load/request_expect.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "runners/load/rules/answer_rules.h"
#include "runners/load/values.h"

namespace dyno::loadgen {
namespace {

using Kind = FileValue::Kind;

constexpr std::array<std::string_view, 8> kExpectKeys{"status",   "content_type", "headers", "body",
                                                      "contains", "matches",      "size",    "json"};
constexpr std::array<std::string_view, 7> kJsonKeys{"equals", "type", "min", "max", "length", "matches", "present"};
constexpr std::size_t kShown = 60;

struct Bounds {
  std::optional<std::int64_t> least, most;
};

// "3", "1..50", "1..", "..50".
std::optional<Bounds> read_bounds(std::string_view text) {
  const std::size_t dots = text.find("..");
  const std::string_view low = text.substr(0, dots);
  const std::string_view high = dots == std::string_view::npos ? low : text.substr(dots + 2);
  Bounds bounds{parse_int(low), parse_int(high)};
  if ((!bounds.least && !low.empty()) || (!bounds.most && !high.empty())) return std::nullopt;
  if (!bounds.least && !bounds.most) return std::nullopt;
  if (bounds.least.value_or(0) < 0 || bounds.most.value_or(INT64_MAX) < bounds.least.value_or(0)) return std::nullopt;
  return bounds;
}

std::optional<std::string> text_of(const FileValue& value) {
  return value.kind == Kind::text ? std::optional(value.text) : std::nullopt;
}
// What a map asks is not what the value is.
std::optional<std::string> json_unless_map(const FileValue& value) {
  return value.kind != Kind::map ? std::optional(value.json) : std::nullopt;
}

class ExpectReader {
 public:
  ExpectReader(RequestSpec& request, const TellProblem& problem) : request_(request), problem_(problem) {}

  void read(const FileValue& value) {
    if (value.kind != Kind::map) return problem_(value.line, "expect is a map of status, headers, json and others");
    for (const auto& [key, one] : value.entries) take(key, one);
  }

 private:
  void take(const std::string& key, const FileValue& value) {
    if (key == "status") return take_status(value);
    if (key == "headers") return take_headers(value);
    if (key == "json") return take_json(value);
    if (key == "contains") return take_contains(value);
    AnswerRule rule;
    if (key == "content_type") rule.kind = RuleKind::content_type;
    else if (key == "body") rule.kind = RuleKind::body;
    else if (key == "matches") rule.kind = RuleKind::matches;
    else if (key == "size") rule.kind = RuleKind::size;
    else
      return problem_(value.line,
                      fmt::format("expect: unknown key {}{}", visible(key, kShown), did_you_mean(key, kExpectKeys)));
    if (!is_text(key, value)) return;
    if (key == "size") return add_with_bounds(rule, key, value);
    (key == "matches" ? rule.matches : rule.value.emplace()) = value.text;
    add(rule, value.line);
  }

  bool is_text(std::string_view key, const FileValue& value) const {
    if (value.kind == Kind::text) return true;
    problem_(value.line, fmt::format("{} is no text", visible(key, kShown)));
    return false;
  }

  // Tried alone, so that the problem has its line.
  void add(const AnswerRule& rule, int line) {
    const auto compiled = AnswerRules::compile({rule}, {});
    constexpr std::string_view kFirst = "rule 1: ";
    if (!compiled) return problem_(line, compiled.error().message.substr(kFirst.size()));
    request_.rules.push_back(rule);
  }

  void add_with_bounds(AnswerRule& rule, std::string_view key, const FileValue& value) {
    const auto bounds = read_bounds(value.text);
    if (!bounds) {
      return problem_(value.line,
                      fmt::format("{} is \"{}\"; it must be a number or a range such as 3, 1..50, 1.. or ..50", key,
                                  visible(value.text, kShown)));
    }
    rule.length_least = bounds->least;
    rule.length_most = bounds->most;
    add(rule, value.line);
  }

  void take_status(const FileValue& value) {
    request_.statuses.clear();
    const auto take_one = [&](const FileValue& one) {
      const auto ranges = one.kind == Kind::text ? read_statuses(one.text) : std::nullopt;
      if (ranges) request_.statuses.insert(request_.statuses.end(), ranges->begin(), ranges->end());
      else problem_(one.line, "status must be one such as 200, 2xx or 200..204, or a list of them");
    };
    if (value.kind != Kind::list) return take_one(value);
    for (const auto& [unnamed, one] : value.entries) take_one(one);
  }

  void take_contains(const FileValue& value) {
    const auto take_one = [&](const FileValue& one) {
      if (!is_text("contains", one)) return;
      const AnswerRule rule{.kind = RuleKind::contains, .value = one.text};
      add(rule, one.line);
    };
    if (value.kind != Kind::list) return take_one(value);
    for (const auto& [unnamed, one] : value.entries) take_one(one);
  }

  void take_headers(const FileValue& value) {
    if (value.kind != Kind::map) return problem_(value.line, "headers is no map of names and values");
    for (const auto& [name, one] : value.entries) {
      AnswerRule rule{.kind = RuleKind::header, .name = name, .value = text_of(one)};
      bool is_good = one.kind == Kind::text || one.kind == Kind::map;
      for (const auto& [key, pattern] : one.entries) {
        is_good = is_good && key == "matches" && pattern.kind == Kind::text;
        rule.matches = pattern.text;
      }
      if (is_good) add(rule, one.line);
      else
        problem_(one.line,
                 fmt::format("{}: a value, {{matches: …}}, or {{}}: it must be there", visible(name, kShown)));
    }
  }

  void take_json(const FileValue& value) {
    if (value.kind != Kind::map) return problem_(value.line, "json is no map of JSON pointers and values");
    for (const auto& [pointer, one] : value.entries) {
      AnswerRule rule{.kind = RuleKind::json, .name = pointer, .value = json_unless_map(one)};
      bool is_good = true;
      for (const auto& [key, asked] : one.entries) {
        if (one.kind == Kind::map) is_good = take_asked(key, asked, rule) && is_good;
      }
      if (is_good) add(rule, one.line);
    }
  }

  bool take_asked(const std::string& key, const FileValue& value, AnswerRule& rule) {
    if (key == "equals") {
      rule.value = value.json;
      return true;
    }
    if (!is_text(key, value)) return false;
    const auto must_be = [&](std::string_view what) {
      problem_(value.line,
               fmt::format("{} is \"{}\"; it must be {}", visible(key, kShown), visible(value.text, kShown), what));
      return false;
    };
    if (key == "matches") {
      rule.matches = value.text;
    } else if (key == "present") {
      if (value.text != "true" && value.text != "false") return must_be("true or false");
      rule.present = value.text == "true";
    } else if (key == "type") {
      for (std::size_t i = 1; i < kJsonTypes.size(); ++i) {
        if (kJsonTypes[i] == value.text) rule.type = static_cast<JsonType>(i);
      }
      if (rule.type == JsonType::absent) return must_be("null, boolean, number, integer, string, array or object");
    } else if (key == "min" || key == "max") {
      const auto number = parse_double(value.text);
      if (!number) return must_be("a number");
      (key == "min" ? rule.least : rule.most) = number;
    } else if (key == "length") {
      const auto bounds = read_bounds(value.text);
      if (!bounds) return must_be("a number or a range such as 3, 1..50, 1.. or ..50");
      rule.length_least = bounds->least;
      rule.length_most = bounds->most;
    } else {
      problem_(value.line, fmt::format("json: unknown key {}{}", visible(key, kShown), did_you_mean(key, kJsonKeys)));
      return false;
    }
    return true;
  }

  RequestSpec& request_;
  const TellProblem& problem_;
};

}  // namespace

void read_expect(const FileValue& value, RequestSpec& request, const TellProblem& problem) {
  ExpectReader(request, problem).read(value);
}

void read_takes(const FileValue& value, RequestSpec& request, const TellProblem& problem) {
  if (value.kind != Kind::map) return problem(value.line, "take is a map of names and where their values are");
  for (const auto& [name, one] : value.entries) {
    Take take{name, TakeFrom::json, one.text};
    bool is_good = one.kind == Kind::text || (one.kind == Kind::map && one.entries.size() == 1);
    if (one.kind == Kind::map && is_good) {
      const auto& [from, where] = one.entries.front();
      is_good = (from == "header" || from == "matches") && where.kind == Kind::text;
      take.from = from == "header" ? TakeFrom::header : TakeFrom::pattern;
      take.where = where.text;
    }
    if (!is_good) {
      problem(one.line, fmt::format("{}: a JSON pointer, {{header: NAME}} or {{matches: …}}", visible(name, kShown)));
      continue;
    }
    const auto compiled = AnswerRules::compile({}, {take});
    if (compiled) request.takes.push_back(std::move(take));
    else problem(one.line, compiled.error().message);
  }
}

}  // namespace dyno::loadgen
